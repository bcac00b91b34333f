import { afterEach, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import type { SandboxTablet } from "../../../src/sandbox/tablet/tablet.js";
import { Cluster, insertStream, rows, run, startStreams, until } from "./clusters.js";

const clusters: Cluster[] = [];
afterEach(() => Promise.all(clusters.splice(0).map((cluster) => cluster.stop())));

const profile = profiles.v22;
const names = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`);
const schema = (tables: readonly string[]) =>
  tables.map((name) => `create table ${name} (id int not null primary key, shard int, key shard (shard));`).join("");
const rules = (tables: readonly string[]) =>
  tables.map((name) => `rules:{match:"${name}" filter:"select * from ${name}"}`).join(" ");

interface Many {
  sources: SandboxTablet[];
  target: SandboxTablet;
  start(streams: { shard: string; tables: readonly string[] }[]): Promise<void>;
  states(): string[];
}

/** Source shards "0", "1", ... with `tables` each, a target with the same, nothing in them. */
async function clustersWith(shards: number, tables: readonly string[]): Promise<Many> {
  const [source, target] = await Promise.all([Cluster.start("zx"), Cluster.start("zone1")]);
  clusters.push(source, target);
  const sources: SandboxTablet[] = [];
  for (let shard = 0; shard < shards; shard++) {
    sources.push(await source.tablet({ uid: shard + 1, shard: String(shard), profile }));
  }
  const primary = await target.tablet({ uid: 1, profile });
  await target.mount("ext1", source);
  for (const tablet of [...sources, primary]) run(tablet, schema(tables));
  const manager = target.manager(primary);
  return {
    sources,
    target: primary,
    async start(streams) {
      for (const { shard, tables: copied } of streams) {
        const columns = { workflow_type: 3, defer_secondary_keys: 1 };
        const query = insertStream(profile, { types: "primary", rules: rules(copied), columns });
        await manager.VReplicationExec({ query: query.replace('shard:"0"', `shard:"${shard}"`) });
      }
      await manager.VReplicationExec({ query: startStreams });
    },
    states: () =>
      rows(primary, "select state, message, pos <> '' from _vt.vreplication").map(([state, message, hasPosition]) =>
        state === "Running" && message === "" && hasPosition === "1" ? "done" : `${state} ${message}`,
      ),
  };
}

const allDone = (states: string[]) => states.every((state) => state === "done");
const left = (tablet: SandboxTablet) => rows(tablet, "select count(*) from _vt.copy_state")[0]?.[0];

describe("streams of several source shards", () => {
  it("copy into one table side by side, follow, and leave its keys as they were", async () => {
    const many = await clustersWith(4, ["t0"]);
    for (const [shard, tablet] of many.sources.entries()) {
      const values = Array.from({ length: 2_000 }, (_, i) => `(${i * 4 + shard}, ${shard})`);
      run(tablet, `insert into t0 values ${values.join(",")}`);
    }
    const before = rows(many.target, "show create table t0");
    await many.start(["0", "1", "2", "3"].map((shard) => ({ shard, tables: ["t0"] })));
    await until(
      () => left(many.target),
      (count) => Number(count) > 0,
    );
    await until(many.states, allDone, 30_000);
    await until(
      () => left(many.target),
      (count) => count === "0",
    );
    expect(rows(many.target, "select shard, count(*) from t0 group by shard order by shard")).toEqual(
      ["0", "1", "2", "3"].map((shard) => [shard, "2000"]),
    );
    expect(rows(many.target, "show create table t0")).toEqual(before);
    for (const [shard, tablet] of many.sources.entries()) run(tablet, `delete from t0 where id = ${shard}`);
    await until(
      () => rows(many.target, "select count(*), min(id) from t0")[0]?.join(),
      (seen) => seen === "7996,4",
    );
  });

  it("copy a hundred tables from each of eight shards with little memory", async () => {
    const tables = names(100);
    const many = await clustersWith(8, tables);
    for (const [shard, tablet] of many.sources.entries()) {
      run(tablet, tables.map((name) => `insert into ${name} values (${shard}, ${shard})`).join(";"));
    }
    const before = process.memoryUsage().rss;
    await many.start(many.sources.map((_, shard) => ({ shard: String(shard), tables })));
    await until(many.states, allDone, 90_000);
    expect(left(many.target)).toBe("0");
    const counts = tables.map((name) => `select count(*) from ${name}`).join(" union all ");
    expect(new Set(rows(many.target, counts).flat())).toEqual(new Set(["8"]));
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  }, 180_000);

  it("run sixty-four on one tablet", async () => {
    const tables = names(64);
    const many = await clustersWith(1, tables);
    const [source] = many.sources;
    if (source === undefined) throw new Error("no source");
    run(source, tables.map((name) => `insert into ${name} values (1, 0)`).join(";"));
    await many.start(tables.map((table) => ({ shard: "0", tables: [table] })));
    await until(many.states, (states) => states.length === 64 && allDone(states), 60_000);
    run(source, tables.map((name) => `insert into ${name} values (2, 0)`).join(";"));
    const counts = tables.map((name) => `select count(*) from ${name}`).join(" union all ");
    await until(
      () => new Set(rows(many.target, counts).flat()),
      (seen) => [...seen].join() === "2",
      30_000,
    );
  }, 120_000);
});
