/** Create, Show, VDiff and Complete on every version that the sandbox's tablets can be, alike and mixed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commerceTables } from "../../src/sandbox/commerce.js";
import type { ProfileName } from "../../src/sandbox/tablet/profiles.js";
import { Lab, rows, sql } from "../support/lab.js";
import { recorded } from "../support/recording.js";

/** In the order in which the schema is copied, the child comes first. */
const family = [
  "create table z_parent (id bigint not null, primary key (id))",
  "create table a_child (id bigint not null, parent bigint, primary key (id), constraint a_child_1 foreign key (parent) references z_parent (id))",
  "insert into z_parent values (7)",
  "insert into a_child values (1, 7), (2, null)",
];
const tables = ["a_child", ...commerceTables, "z_parent"].sort();

/** Columns of `_vt.vreplication` that later versions brought, and what Create puts into them. */
const later: Record<ProfileName, Record<string, string>> = {
  v11: {},
  v14: { workflow_type: "3" },
  v16: { workflow_type: "3", workflow_sub_type: "0", defer_secondary_keys: "0" },
  v18: { workflow_type: "3", workflow_sub_type: "0", defer_secondary_keys: "0" },
  v22: { workflow_type: "3", workflow_sub_type: "0", defer_secondary_keys: "1", options: "{}" },
  main: { workflow_type: "3", workflow_sub_type: "0", defer_secondary_keys: "1", options: "{}" },
};

const v11 = ["vtctlclient-v11.0.4.txt", 1] as const;
const v14 = ["vtctlclient-v14.0.5.txt", 0] as const;
const v22 = ["vtctlclient-v22.0.3.txt", 0] as const;

/** Which recorded `Workflow commerce.wf Show` has the keys of a version, but for those that its defaults leave out. */
const shown: Record<ProfileName, [recording: readonly [file: string, n: number], leftOut?: string]> = {
  v11: [v11],
  v14: [v14],
  v16: [v22, "DeferSecondaryKeys"],
  v18: [v22, "DeferSecondaryKeys"],
  v22: [v22],
  main: [v22],
};

const pairs: [source: ProfileName, target: ProfileName][] = [
  ["v11", "v11"],
  ["v14", "v14"],
  ["v16", "v16"],
  ["v18", "v18"],
  ["v22", "v22"],
  ["main", "main"],
  ["v11", "v22"],
  ["v22", "v11"],
];

describe.each(pairs)("source %s, target %s", (sourceProfile, targetProfile) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start({ typesHere: true, rows: 60, sourceProfile, targetProfile });
    sql(lab.primary("source"), ...family);
  }, 120_000);

  afterAll(() => lab?.close());

  it("Create -wait copies every row, by a stream with the columns of that version", async () => {
    const result = await lab.type("Migrate -all -source ext1.commerce -wait Create commerce.wf");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toMatch(/^id=\d+ on 0\/zone1-0000000100: Status: Running\. VStream Lag: \d+s\./m);
    for (const table of tables) {
      expect(rows(lab.primary("target"), table), table).toEqual(rows(lab.primary("source"), table));
    }
    const [stream, ...more] = lab.streams();
    expect(more).toEqual([]);
    expect(stream).toMatchObject({
      workflow: "wf",
      state: "Running",
      cell: "zx",
      db_name: "vt_commerce",
      tablet_types: targetProfile === "v11" ? "replica,master" : "in_order:replica,primary",
      max_tps: "9223372036854775807",
      max_replication_lag: "9223372036854775807",
      ...later[targetProfile],
    });
    const known = Object.keys(stream ?? {});
    const others = Object.keys(later.main).filter((column) => !(column in later[targetProfile]));
    expect(others.filter((column) => known.includes(column))).toEqual([]);
  });

  it("Show has the keys of the target's version", async () => {
    const show = await lab.type("Workflow commerce.wf Show");
    expect(show).toMatchObject({ code: 0, stderr: "" });
    const [[file, n], leftOut] = shown[targetProfile];
    // v14's was recorded while it copied.
    const known = JSON.parse(recorded(file, "Workflow commerce.wf Show", n).stdout, (key, value) =>
      key === leftOut ? undefined : key === "CopyState" ? null : value,
    );
    expect(layout(JSON.parse(show.stdout))).toEqual(layout(known));
    expect(show.stdout.startsWith('{\n\t"Workflow": "wf",\n\t"SourceLocation": {\n\t\t"Keyspace": "commerce",\n')).toBe(
      true,
    );
  });

  it("VDiff, Complete and what is left", async () => {
    const vdiff = await lab.type("VDiff commerce.wf");
    expect(vdiff).toMatchObject({ code: 0 });
    expect(vdiff.stdout.match(/^Summary for table \w+:\n\tProcessedRows: 60\n\tMatchingRows: 60$/gm)).toHaveLength(5);
    const complete = await lab.type("Migrate Complete commerce.wf");
    const text = recorded("vtctlclient-v22.0.3.txt", "Migrate Complete commerce.wf", 1).stdout;
    expect(complete).toMatchObject({ code: 0, stdout: text });
    expect(lab.streams()).toEqual([]);
    expect(await lab.locks()).toEqual([]);
    expect(await lab.record("wf")).toBeUndefined();
    const vschema = await lab.type("GetVSchema commerce");
    expect(Object.keys(JSON.parse(vschema.stdout).tables)).toEqual(tables);
  });
});

/** Names of members in their order, and what kind of value each has; aliases by their place. */
function layout(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(layout);
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return Object.entries(value).map(([name, member]) => [name.replace(/zone1-\d+/, "<alias>"), layout(member)]);
}
