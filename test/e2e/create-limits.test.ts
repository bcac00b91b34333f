/** What a stream's row holds on each version: Create counts before it inserts, and its proposal is one that works. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProfileName } from "../../src/sandbox/tablet/profiles.js";
import { encode } from "../../src/wire/proto.js";
import { Lab, sql } from "../support/lab.js";

const shards = ["-80", "80-"];

/** A lab whose source has so many tables, each with a row, and whose target knows a vindex for each. */
async function start(profile: ProfileName, count: number): Promise<{ lab: Lab; tables: string[] }> {
  const lab = await Lab.start({ rows: 1, sourceProfile: profile, targetProfile: profile, targetShards: shards });
  const tables = Array.from(
    { length: count },
    (_, i) => `orders_and_items_of_the_warehouse_${String(i).padStart(4, "0")}`,
  );
  const source = lab.primary("source");
  const statements = tables.flatMap((name) => [
    `create table ${name} (id bigint not null, primary key (id))`,
    `insert into ${name} values (1)`,
  ]);
  sql(source, ...statements);
  const { version } = await lab.topo.vschema("commerce");
  const column_vindexes = [{ column: "id", name: "hash" }];
  const vschema = encode("vschema.Keyspace", {
    sharded: true,
    vindexes: { hash: { type: "hash" } },
    tables: Object.fromEntries(tables.map((name) => [name, { column_vindexes }])),
  });
  await lab.topo.saveVSchema("commerce", vschema, version);
  return { lab, tables };
}

describe.each(["v11", "v14", "v16", "v18"] as const)("400 tables into two shards of %s", (profile) => {
  let lab: Lab;
  let tables: string[];

  beforeAll(async () => {
    ({ lab, tables } = await start(profile, 400));
  }, 120_000);

  afterAll(() => lab?.close());

  it("are refused with a number and a proposal, which works, and one table more doesn't", async () => {
    const named = (list: string[]) => ["-tables", list.join(","), "-auto_start=false", "-source", "ext1.commerce"];
    const create = (list: string[], workflow: string) =>
      lab.type(["Migrate", ...named(list), "Create", `commerce.${workflow}`]);
    const before = await lab.everything();
    const refused = await create(tables, "wf");
    expect(refused).toMatchObject({ code: 9, stdout: "" });
    const [, bytes, most] =
      /the filters of 400 tables take (\d+) bytes, and \S+ has room for \d+ in its log of streams: (\d+) of them fit/.exec(
        refused.stderr,
      ) ?? [];
    expect(Number(bytes)).toBeGreaterThan(62_535);
    expect(await lab.everything()).toEqual(before);

    const parts = [...refused.stderr.matchAll(/\d\. (\S+) to (\S+) \((\d+) tables\)/g)].map(
      ([, first = "", last = ""]) => tables.slice(tables.indexOf(first), tables.indexOf(last) + 1),
    );
    expect(parts.flat()).toEqual(tables);
    expect(parts[0]).toHaveLength(Number(most));
    const more = await create(tables.slice(0, Number(most) + 1), "wf");
    expect(more).toMatchObject({ code: 9, stdout: "" });
    for (const [index, part] of parts.entries()) {
      const result = await create(part, `wf${index}`);
      expect(result, result.stderr).toMatchObject({ code: 0 });
    }
    for (const streams of Object.values(lab.streamsByShard())) expect(streams).toHaveLength(parts.length);
  }, 120_000);
});

describe("900 tables into two shards of v22", () => {
  let lab: Lab;
  let tables: string[];

  beforeAll(async () => {
    ({ lab, tables } = await start("v22", 900));
  }, 120_000);

  afterAll(() => lab?.close());

  it("go in one workflow", async () => {
    const result = await lab.type(
      "Migrate -all -exclude corder,customer,kinds,notes,product -source ext1.commerce -wait Create commerce.wf",
      { timeoutMs: 280_000 },
    );
    expect(result, result.stderr).toMatchObject({ code: 0 });
    for (const primary of lab.primaries("target")) {
      expect(sql(primary, "select * from _vt.copy_state")).toEqual([]);
    }
    const last = tables.at(-1) ?? "";
    expect(lab.rowsOf("source", last)).toHaveLength(1);
    expect(lab.rowsOf("target", last)).toEqual(lab.rowsOf("source", last));
  }, 300_000);
});

describe.each(["v11", "v14", "v18"] as const)(
  "a tablet of %s that can't log the stream which it has inserted",
  (profile) => {
    let lab: Lab;

    beforeAll(async () => {
      lab = await Lab.start({ rows: 10, sourceProfile: profile, targetProfile: profile });
    }, 120_000);

    afterAll(() => lab?.close());

    it("fails Create, which takes the stream back, and all else", async () => {
      sql(lab.primary("target"), "alter table _vt.vreplication_log modify message varchar(10) not null");
      const before = await lab.everything();
      const result = await lab.type("Migrate -all -source ext1.commerce Create commerce.wf");
      expect(result).toMatchObject({ code: 1, stdout: "" });
      expect(result.stderr).toContain("could not insert into log table");
      expect(result.stderr).toContain("undone: the stream from ext1.commerce/0 to 0/zone1-0000000100");
      expect(lab.streams()).toEqual([]);
      expect(lab.targetTables()).toEqual([]);
      expect(await lab.record("wf")).toBeUndefined();
      expect(await lab.locks()).toEqual([]);
      expect((await lab.everything()).tablets).toEqual(before.tablets);
    });
  },
);
