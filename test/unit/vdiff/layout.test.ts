import { describe, expect, test } from "vitest";
import { wholeJobs } from "../../../src/vdiff/compare/pass.js";
import { inWaves } from "../../../src/vdiff/compare/waves.js";
import { Layouts, type ShardGroup } from "../../../src/vdiff/plan/layout.js";
import type { TablePlan } from "../../../src/vdiff/plan/plan.js";

const whole = "select * from t";
const ranged = (range: string) => `select * from t where in_keyrange(id, 'commerce.hash', '${range}')`;
const none = "select * from t where in_keyrange(id, 'null', '80-')";

/** Streams as [source, target, filter of table t]. */
function layout(...streams: [source: string, target: string, filter: string][]) {
  const rules = streams.map(([source, target, filter]) => ({ source, target, rules: [{ match: "t", filter }] }));
  const { groups, copied } = new Layouts(rules).of("t");
  return { groups: groups.map(({ sources, targets }) => `${sources.join(" ")} > ${targets.join(" ")}`), copied };
}

describe("shards that are compared with each other", () => {
  test("one with one", () => {
    expect(layout(["0", "0", whole])).toEqual({ groups: ["0 > 0"], copied: false });
    expect(layout(["0", "0", ""])).toEqual({ groups: ["0 > 0"], copied: false });
  });

  test("one source's rows, spread over targets", () => {
    expect(layout(["0", "-80", ranged("-80")], ["0", "80-", ranged("80-")])).toEqual({
      groups: ["0 > -80 80-"],
      copied: false,
    });
    expect(layout(["0", "-80", "-80"], ["0", "80-", "80-"]).groups).toEqual(["0 > -80 80-"]);
  });

  test("each copy with the source that is copied", () => {
    expect(layout(["0", "-80", whole], ["0", "80-", whole])).toEqual({ groups: ["0 > -80", "0 > 80-"], copied: true });
  });

  test("each copy with the one source shard that feeds it", () => {
    const streams: [string, string, string][] = [
      ["-80", "-c0", whole],
      ["80-", "-c0", none],
      ["-80", "c0-", none],
      ["80-", "c0-", whole],
    ];
    expect(layout(...streams)).toEqual({ groups: ["-80 > -c0", "80- > c0-"], copied: true });
    expect(layout(["-80", "0", none], ["80-", "0", whole])).toEqual({ groups: ["80- > 0"], copied: false });
  });

  test("all sources with the one target that gets all their rows", () => {
    expect(layout(["-80", "0", whole], ["80-", "0", whole])).toEqual({ groups: ["-80 80- > 0"], copied: false });
  });

  test("a key range that holds the vindex null's id selects every row", () => {
    const every = "select * from t where in_keyrange(id, 'null', '-80')";
    expect(layout(["-80", "0", every], ["80-", "0", whole]).groups).toEqual(["-80 80- > 0"]);
  });

  test("shards of the same ranges by pairs, also where vtctld left the key ranges out", () => {
    for (const [low, high] of [
      [ranged("-80"), ranged("80-")],
      [whole, whole],
    ] as const) {
      expect(layout(["-80", "-80", low], ["80-", "80-", high])).toEqual({
        groups: ["-80 > -80", "80- > 80-"],
        copied: false,
      });
    }
  });

  test("what streams connect, in whatever order they come", () => {
    expect(
      layout(
        ["-40", "-60", ranged("-60")],
        ["c0-", "c0-", ranged("c0-")],
        ["80-c0", "60-c0", ranged("60-c0")],
        ["40-80", "60-c0", ranged("60-c0")],
        ["40-80", "-60", ranged("-60")],
      ).groups,
    ).toEqual(["c0- > c0-", "-40 40-80 80-c0 > -60 60-c0"]);
  });

  test("other conditions don't count as key ranges, and must be the same everywhere", () => {
    const some = "select * from t where tenant = 3";
    expect(layout(["0", "-80", some], ["0", "80-", some]).copied).toBe(true);
    expect(() => layout(["0", "-80", some], ["0", "80-", whole])).toThrow(
      "the filters of table t differ between its streams",
    );
  });

  test("a table whose filter can't be compared disturbs no other", () => {
    const rules = [
      { match: "t", filter: whole },
      { match: "u", filter: "select count(*) from u group by a" },
    ];
    const layouts = new Layouts([{ source: "0", target: "0", rules }]);
    expect(layouts.of("t").groups).toHaveLength(1);
    expect(() => layouts.of("u")).toThrow("the filter of table u can't be compared row by row");
  });
});

describe("what is compared at the same time", () => {
  const shards = (count: number) => Array.from({ length: count }, (_, i) => String(i));
  const plan = (table: string, groups: ShardGroup[], shardBytes = 16_384) =>
    ({ table, groups, shardBytes }) as unknown as TablePlan;
  const waves = (plans: TablePlan[], oneTable = false) =>
    inWaves(plans.flatMap(wholeJobs), { oneTable }).map((jobs) => jobs.map((job) => job.plan.table).join(" "));

  test("small tables together, no more than sixteen on a tablet", () => {
    const group = { sources: ["0"], targets: ["0"] };
    const plans = Array.from({ length: 20 }, (_, i) => plan(String.fromCharCode(97 + i), [group]));
    expect(waves(plans)).toEqual(["a b c d e f g h i j k l m n o p", "q r s t"]);
    expect(waves(plans, true)).toHaveLength(20);
  });

  test("large tables alone", () => {
    const group = { sources: ["0"], targets: ["0"] };
    const plans = ["a", "b", "c"].map((table) => plan(table, [group], table === "b" ? 1e9 : 100));
    expect(waves(plans)).toEqual(["a", "b", "c"]);
  });

  test("a copy on each of many shards, a few at a time", () => {
    const copies = shards(64).map((target) => ({ sources: ["0"], targets: [target] }));
    expect(waves([plan("a", copies)])).toEqual(Array(4).fill(Array(16).fill("a").join(" ")));
  });

  test("no more snapshots than a process can hold, except where all of them belong together", () => {
    const all = { sources: shards(64), targets: shards(64) };
    expect(waves(["a", "b", "c", "d", "e"].map((table) => plan(table, [all])))).toEqual(["a b", "c d", "e"]);
    const more = { sources: shards(200), targets: shards(200) };
    expect(waves(["a", "b"].map((table) => plan(table, [more])))).toEqual(["a", "b"]);
  });
});
