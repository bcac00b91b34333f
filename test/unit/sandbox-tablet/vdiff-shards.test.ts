/** VDiffs between two shards and two others: each shard of the target compares what shall be in it. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import type { SandboxTablet } from "../../../src/sandbox/tablet/tablet.js";
import { sqlString } from "../../../src/wire/sql.js";
import { Cluster, rows, run, until } from "./clusters.js";
import { vdiffOf } from "./vdiff-pair.js";

const profile = profiles.v22;
const table = "create table t (id bigint not null, v varchar(20), primary key (id));";
const ids = Array.from({ length: 40 }, (_, i) => i + 1);

let source: Cluster;
let target: Cluster;
let sources: SandboxTablet[];
let targets: SandboxTablet[];
const calls: ReturnType<typeof vdiffOf>[] = [];

beforeAll(async () => {
  [source, target] = await Promise.all([Cluster.start("zx"), Cluster.start("zone1")]);
  const shard = (cluster: Cluster, keyspace: string, name: string, uid: number) =>
    cluster.tablet({ uid, profile, keyspace, shard: name });
  sources = [await shard(source, "customer", "-80", 1), await shard(source, "customer", "80-", 2)];
  targets = [await shard(target, "shop", "-40", 1), await shard(target, "shop", "40-", 2)];
  await target.mount("ext1", source);
  for (const [i, tablet] of sources.entries()) {
    // Spread evenly, so that either target shard merges rows of both.
    run(tablet, `${table} insert into t values ${ids.filter((id) => id % 2 === i).map((id) => `(${id}, 'v${id}')`)}`);
  }
  for (const tablet of targets) {
    run(tablet, table);
    calls.push(vdiffOf(target, tablet, { keyspace: "shop", workflow: "sh" }));
    const manager = target.manager(tablet);
    for (const from of ["-80", "80-"]) {
      await manager.VReplicationExec({ query: insert(tablet.shard, from) });
    }
  }
  await until(all, (found) => found.length === ids.length);
}, 60_000);
afterAll(() => Promise.all([source?.stop(), target?.stop()]));

function insert(shard: string, from: string): string {
  const filter = `select * from t where in_keyrange(id, 'hash', '${shard}')`;
  const text = `keyspace:"customer" shard:"${from}" filter:{rules:{match:"t" filter:"${filter}"}} external_cluster:"ext1"`;
  return (
    "insert into _vt.vreplication(workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, time_updated, " +
    `transaction_timestamp, state, db_name, options) values ('sh', ${sqlString(text)}, '', 1, 1, 'zx', 'primary', 1, 0, ` +
    "'Running', 'vt_shop', '{}')"
  );
}

const idsOn = (tablet: SandboxTablet) => rows(tablet, "select id from t order by id").flat();
const all = () => targets.flatMap(idsOn);

async function compare() {
  const uuid = randomUUID();
  for (const call of calls) await call.vdiff("create", { uuid });
  const found = await Promise.all(calls.map((call) => call.finished(uuid, "completed", "error")));
  return found.map(([row]) => ({ ...row, report: JSON.parse(row?.report ?? "null") }));
}

describe("a sharded target", () => {
  it("is compared shard by shard", async () => {
    const found = await compare();
    for (const [i, tablet] of targets.entries()) {
      const count = idsOn(tablet).length;
      expect(count).toBeGreaterThan(5);
      expect(found[i]).toMatchObject({
        vdiff_state: "completed",
        has_mismatch: "0",
        rows_compared: String(count),
        report: { MatchingRows: count, MismatchedRows: 0, ExtraRowsSource: 0, ExtraRowsTarget: 0 },
      });
    }
    for (const tablet of targets) {
      const streams = rows(tablet, "select state, message, stop_pos from _vt.vreplication");
      expect(streams).toEqual([
        ["Running", "", ""],
        ["Running", "", ""],
      ]);
    }
  });

  it("shows a row that lies on the wrong shard on both", async () => {
    const [home, other] = targets as [SandboxTablet, SandboxTablet];
    const moved = idsOn(home)[1];
    run(home, `delete from t where id = ${moved}`);
    run(other, `insert into t values (${moved}, 'v${moved}')`);
    // Without a VSchema of the source's in the target's cluster they couldn't be reconciled.
    await target.topo.put("vschema.Keyspace", "keyspaces/customer/VSchema", {});
    await target.topo.put("vschema.Keyspace", "keyspaces/shop/VSchema", {});
    const [missing, extra] = await compare();
    const sample = [{ Row: { id: moved, v: `v${moved}` } }];
    expect(missing?.report).toMatchObject({ ExtraRowsSource: 1, ExtraRowsTarget: 0, ExtraRowsSourceSample: sample });
    expect(extra?.report).toMatchObject({ ExtraRowsSource: 0, ExtraRowsTarget: 1, ExtraRowsTargetSample: sample });
  });
});
