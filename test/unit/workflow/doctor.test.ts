import { describe, expect, it } from "vitest";
import type { LockKey } from "../../../src/topo/port.js";
import { idleTables } from "../../../src/workflow/doctor/idle-tables.js";
import { atWork, staleness } from "../../../src/workflow/doctor/locked.js";
import type { Scene } from "../../../src/workflow/doctor/scene.js";
import { staleLocks } from "../../../src/workflow/doctor/stale-locks.js";
import type { Target } from "../../../src/workflow/targets.js";

const scene = (fields: Partial<Scene>): Scene => ({
  keyspace: "commerce",
  topology: "etcd2 here /vitess/global",
  now: new Date(),
  targets: [],
  silent: [],
  workflows: [],
  unreadable: [],
  records: new Map(),
  unreadableRecords: [],
  mounts: new Map(),
  locks: [],
  denied: [],
  schemas: new Map(),
  vschema: { sharded: false, tables: new Set() },
  movedAway: new Set(),
  ...fields,
});

function lock(lease: LockKey["lease"], dir = "internal/named_locks/commerce/wf"): LockKey {
  const contents = { Action: "MoveTablesCreate", HostName: "vm1", UserName: "vt", Time: "", Status: "Running" };
  return { dir, key: `/vitess/global/${dir}/locks/7`, contents, lease };
}

describe("a lock", () => {
  const day = 86_400;
  const cases: [string, LockKey["lease"], "known" | "guessed" | undefined][] = [
    ["that is renewed is in use", { granted: 30, left: 27 }, undefined],
    ["of a process that was killed just now ends by itself", { granted: 30, left: 2 }, undefined],
    ["without a lease is nobody's", undefined, "known"],
    ["of vtctld's, taken a moment ago, is in use", { granted: day, left: day - 60 }, undefined],
    ["of vtctld's that has stood for hours is nobody's, probably", { granted: day, left: day - 7200 }, "guessed"],
  ];
  it.each(cases)("%s", (_, lease, sure) => {
    expect(staleness(lock(lease))?.sure).toBe(sure);
    const found = staleLocks(scene({ locks: [lock(lease)] }));
    expect(found.map((finding) => [finding.sure, finding.workflow])).toEqual(sure ? [[sure, "commerce.wf"]] : []);
    const busy = atWork(scene({ locks: [lock(lease)] }), "wf");
    expect(busy === undefined).toBe(sure !== undefined);
  });

  it("of another workflow says nothing about this one, and the keyspace's is about all", () => {
    const locks = [lock({ granted: 30, left: 29 }, "internal/named_locks/commerce/other")];
    expect(atWork(scene({ locks }), "wf")).toBeUndefined();
    const keyspace = lock({ granted: 30, left: 29 }, "keyspaces/commerce");
    expect(atWork(scene({ locks: [...locks, keyspace] }), "wf")).toContain("keyspaces/commerce is locked: vt on vm1");
    expect(atWork(scene({ locks: [keyspace] }), "wf", "vdiff")).toBeUndefined();
  });
});

describe("tables that nothing fills", () => {
  const target = {
    shard: { name: "0" },
    primary: { record: { alias: "zone1-0000000100", dbName: "vt_commerce" } },
  } as unknown as Target;
  const definitions = ["customer", "moved", "stray", "_vt_hld_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_"];
  const there = (names: string[]) => ({
    database_schema: "",
    table_definitions: names.map((name) => ({ name })) as never,
  });
  const of = (tables: string[], sharded = false) =>
    idleTables(
      scene({
        targets: [target],
        schemas: new Map([[target, there(definitions)]]),
        vschema: { sharded, tables: new Set(tables) },
        movedAway: new Set(["moved"]),
      }),
    );

  it("are those that neither the VSchema nor a routing rule nor Vitess itself knows", () => {
    expect(of(["customer"])).toMatchObject([
      {
        what: "nothing fills these tables of commerce, and its VSchema doesn't name them: stray on 0/zone1-0000000100",
        cleanUp: [{ by: "sql", on: "zone1-0000000100", command: "drop table `vt_commerce`.`stray`;" }],
      },
    ]);
  });

  it("can't be told where the VSchema of an unsharded keyspace names none", () => {
    expect(of([])).toEqual([]);
    expect(of([], true)).toHaveLength(1);
  });
});
