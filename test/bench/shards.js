// Migrate Create over growing numbers of shards: what it takes in all, per stream, and at its peak. Every source
// shard feeds every target shard, as the two sides shard by different vindexes. Ratios are to one shard a side.
import { performance } from "node:perf_hooks";
import { clusterShape } from "../../dist/modules/sandbox/cluster/shape.js";
import { startSandbox } from "../../dist/modules/sandbox/cluster.js";
import { measure } from "./measure.js";

const TABLES = 100;
const ROUNDS = Number(process.argv[2] ?? 3);

const names = Array.from({ length: 500 }, (_, i) => `table_${String(i).padStart(3, "0")}`);

/** Even key ranges: "-80", "80-" for two. */
function shardNames(count) {
  if (count === 1) return ["-"];
  const bound = (i) => (i % count === 0 ? "" : ((256 / count) * i).toString(16).padStart(2, "0"));
  return Array.from({ length: count }, (_, i) => `${bound(i)}-${bound(i + 1)}`);
}

function keyspace(shards, vindex, tables) {
  const entries = tables.map((name) => [name, { column_vindexes: [{ column: "id", name: "by_id" }] }]);
  const vschema = { sharded: true, vindexes: { by_id: { type: vindex } }, tables: Object.fromEntries(entries) };
  return { name: "orders", shards, vschema };
}

async function clusters(count, tables) {
  const shards = shardNames(count);
  const sandbox = await startSandbox({
    source: clusterShape({ cells: ["zx"], keyspaces: [keyspace(shards, "xxhash", tables)], firstUid: 1 }),
    target: clusterShape({ cells: ["zone1"], keyspaces: [keyspace(shards, "hash", tables)], firstUid: 1001 }),
    statements: () => tables.map((name) => `create table ${name} (id bigint not null, primary key (id))`),
  });
  const connection = ["-topo_global_server_address", sandbox.target.etcd, "-topo_global_root", sandbox.target.topoRoot];
  const { etcd, topoRoot } = sandbox.source;
  await measure([...connection, "Mount", "-topo_type", "etcd2", "-topo_server", etcd, "-topo_root", topoRoot, "ext1"]);
  return { sandbox, type: (line) => measure([...connection, ...line.split(" ")]) };
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

function report(name, streams, runs, base) {
  const ms = median(runs.map((run) => run.ms));
  const megabytes = median(runs.map((run) => run.peakBytes)) / 2 ** 20;
  const each = ms / streams;
  const ratio = base === undefined ? "" : `   x ${(each / base).toFixed(2)} per stream`;
  const memory = Number.isNaN(megabytes) ? "?" : megabytes.toFixed(0);
  process.stdout.write(
    `${name.padEnd(46)} ${ms.toFixed(0).padStart(6)} ms ${each.toFixed(1).padStart(7)} ms/stream ${memory.padStart(5)} MiB${ratio}\n`,
  );
  return each;
}

const bases = {};
for (const count of [1, 4, 8]) {
  const { sandbox, type } = await clusters(count, names.slice(0, TABLES));
  const streams = count * count;
  const shape = `${count} x ${count} shards, ${TABLES} tables`;
  const runs = { "Create -dry_run": [], Create: [], Cancel: [] };
  for (let round = 0; round < ROUNDS; round++) {
    runs["Create -dry_run"].push(await type("Migrate -all -source ext1.orders -dry_run Create orders.wf"));
    runs.Create.push(await type("Migrate -all -source ext1.orders -timeout 120s Create orders.wf"));
    runs.Cancel.push(await type("Migrate Cancel orders.wf"));
  }
  for (const [name, measured] of Object.entries(runs)) {
    bases[name] ??= report(`${name}, ${shape}`, streams, measured, undefined);
    if (count > 1) report(`${name}, ${shape}`, streams, measured, bases[name]);
  }
  await sandbox.close();
}

const start = performance.now();
const { sandbox, type } = await clusters(64, names);
process.stdout.write(
  `(two sandbox clusters of 64 shards: ${((performance.now() - start) / 1000).toFixed(0)} s to start)\n`,
);
const dry = await type("Migrate -all -source ext1.orders -dry_run Create orders.wf");
report("Create -dry_run, 64 x 64 shards, 500 tables", 64 * 64, [dry], bases["Create -dry_run"]);
await sandbox.close();
