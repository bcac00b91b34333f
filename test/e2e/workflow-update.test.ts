/** Workflow's update, tags and -shards, over a target of two shards. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { expectFailure } from "../support/failure.js";
import { Lab, sql } from "../support/lab.js";
import { recorded } from "../support/recording.js";

const recording = "vtctlclient-v22.0.3.txt";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start({ typesHere: true, targetShards: ["-80", "80-"], rows: 5 });
}, 30_000);

afterAll(() => lab.close());

async function create(): Promise<void> {
  await lab.clear();
  const created = await lab.type("Migrate -all -source ext1.commerce Create commerce.wf -wait");
  expect(created).toMatchObject({ code: 0 });
}

/** One column of the streams, by shard. */
function column(name: string): Record<string, (string | null | undefined)[]> {
  const shards = Object.entries(lab.streamsByShard());
  return Object.fromEntries(shards.map(([shard, streams]) => [shard, streams.map((row) => row[name])]));
}

/** The recorded table with these tablets' rows. */
function table(...aliases: string[]): string {
  const { stdout } = recorded(recording, "Workflow commerce.wf tags a=b");
  const row = "| zone1-0000000001 |            1 |\n";
  return stdout.replace(row, aliases.map((alias) => row.replace("zone1-0000000001", alias)).join(""));
}

const both = ["zone1-0000000100", "zone1-0000000101"];

describe("update and tags", () => {
  beforeAll(create, 60_000);

  it("update prints and does what vtctlclient's does", async () => {
    const typed =
      "Workflow -cells zx -tablet-types replica -tablet-types primary -on-ddl exec commerce.wf update -dry-run";
    expect(await lab.type(typed)).toEqual({
      code: 0,
      signal: null,
      stdout: [
        "The following workflow fields will be updated:",
        '  cells="zx"',
        '  tablet_types="replica,primary"',
        '  on_ddl="EXEC"',
        "On the following tablets in the commerce keyspace for workflow wf:",
        "  zone1-0000000100 (commerce/-80)",
        "  zone1-0000000101 (commerce/80-)",
        "",
      ].join("\n"),
      stderr: "",
    });
    expect(column("source")["-80"]?.[0]).not.toContain("on_ddl");
    const result = await lab.type(typed.replace(" -dry-run", ""));
    expect(result).toEqual({ code: 0, signal: null, stdout: table(...both), stderr: "" });
    for (const [source] of Object.values(column("source"))) expect(source).toContain(" on_ddl:EXEC");
  });

  it("-shards updates some; a type that no tablet has is told", async () => {
    const line = "Workflow -shards 80- -tablet-types in_order:rdonly commerce.wf update";
    const planned = await lab.type(`${line} -dry-run`);
    expect(planned.stdout).toContain('  tablet_types="in_order:rdonly"\n');
    expect(planned.stdout).toMatch(/for workflow wf:\n {2}zone1-0000000101 \(commerce\/80-\)\n$/);
    const result = await lab.type(line);
    expect(result).toMatchObject({ code: 0, stdout: table("zone1-0000000101") });
    expect(result.stderr).toMatch(/^Warning: no rdonly tablet in cells zx, and the streams will wait for one: /);
    expect(column("tablet_types")).toEqual({ "-80": ["in_order:replica,primary"], "80-": ["in_order:rdonly"] });
  });

  it("tags are stored in lower case; a dry run shows the statement; an empty word clears them", async () => {
    expect(await lab.type("Workflow commerce.wf tags A=b")).toMatchObject({
      code: 0,
      stdout: table(...both),
      stderr: "",
    });
    expect(column("tags")).toEqual({ "-80": ["a=b"], "80-": ["a=b"] });
    const planned = await lab.type("Workflow -dry-run commerce.wf tags C");
    expect(planned.stdout).toMatch(
      /^Query: update _vt\.vreplication set tags = 'c' where db_name = 'vt_commerce' and workflow = 'wf'\nwill be run/,
    );
    const one = await lab.type(["Workflow", "-shards", "-80", "commerce.wf", "tags", ""]);
    expect(one).toMatchObject({ code: 0, stdout: table("zone1-0000000100") });
    expect(column("tags")).toEqual({ "-80": [""], "80-": ["a=b"] });
  });

  it.each([
    [
      "Workflow commerce.wf update",
      2,
      "no updates were provided; use --cells, --tablet-types, or --on-ddl to specify new values",
      undefined,
    ],
    [
      "Workflow -on-ddl nope commerce.wf update",
      2,
      "invalid on-ddl action: nope",
      "One of IGNORE, STOP, EXEC, EXEC_IGNORE.",
    ],
    ["Workflow -tablet-types nope commerce.wf update", 2, "unknown TabletType nope", /^Hint: Tablet types are /],
    ["Workflow -cells zone1 commerce.wf update", 6, "no cell zone1 in the source cluster", /has zx\.$/],
    ["Workflow -cells zx commerce.nope update", 6, "no streams found for workflow nope in keyspace commerce", /wf\.$/],
    [
      "Workflow commerce.wf tags",
      2,
      "tags incorrectly specified, usage: Workflow keyspace.workflow tags <tags>",
      /^Hint: One word/,
    ],
    [
      "Workflow -shards 40-80 commerce.wf show",
      6,
      "shard 40-80 not found in keyspace commerce",
      "Its shards: -80, 80-.",
    ],
  ])("%s", async (line, code, sentence, hint) => {
    expectFailure(await lab.type(line), code, `Workflow Error: ${sentence}`, hint);
  });

  it("says what has no effect", async () => {
    const shown = await lab.type("Workflow -dry-run -cells zx commerce.wf show");
    expect(shown).toMatchObject({ code: 0, stderr: "No effect on Workflow show: -dry-run, -cells\n" });
    const listed = await lab.type("Workflow -shards 80- commerce listall");
    expect(listed).toMatchObject({ code: 0, stderr: "No effect on Workflow listall: -shards\n" });
  });
});

describe("-shards", () => {
  beforeEach(create, 60_000);

  it("stops, shows, starts and deletes on some shards; the record goes with the last stream", async () => {
    expect(await lab.type("Workflow -shards 80- commerce.wf stop")).toMatchObject({
      code: 0,
      stdout: table("zone1-0000000101"),
    });
    expect(column("state")).toEqual({ "-80": ["Running"], "80-": ["Stopped"] });
    const shown = JSON.parse((await lab.type("Workflow -shards=80- commerce.wf show")).stdout);
    expect(Object.keys(shown.ShardStatuses)).toEqual(["80-/zone1-0000000101"]);
    await lab.type("Workflow -shards -80,80- commerce.wf start");
    expect(column("state")).toEqual({ "-80": ["Running"], "80-": ["Running"] });

    const deleted = await lab.type("Workflow -shards -80 commerce.wf delete");
    expect(deleted).toMatchObject({ code: 0, stdout: table("zone1-0000000100") });
    expect(column("state")).toEqual({ "-80": [], "80-": ["Running"] });
    expect(await lab.record("wf")).toMatchObject({ workflow: "wf" });
    // A shard without streams isn't updated, and isn't in the table.
    const updated = await lab.type("Workflow -on-ddl STOP commerce.wf update");
    expect(updated).toMatchObject({ code: 0, stdout: table("zone1-0000000101") });
    await lab.type("Workflow -shards 80- commerce.wf delete");
    expect(await lab.record("wf")).toBeUndefined();
  });

  it("works beside a shard whose primary is down", async () => {
    await lab.tablet("target", "zone1-0000000101").kill();
    const stopped = await lab.type("Workflow -shards -80 commerce.wf stop");
    expect(stopped).toMatchObject({ code: 0, stdout: table("zone1-0000000100") });
    expect(sql(lab.primaryOf("target", "-80"), "select state from _vt.vreplication")).toEqual([{ state: "Stopped" }]);
    // The silent shard may have streams: what is known of the workflow stays.
    expect(await lab.type("Workflow -shards -80 commerce.wf delete")).toMatchObject({ code: 0 });
    expect(sql(lab.primaryOf("target", "-80"), "select state from _vt.vreplication")).toEqual([]);
    expect(await lab.record("wf")).toMatchObject({ workflow: "wf" });
  });
});
