import type { Tablet, TabletRecord } from "../../../../src/tablet/port.js";
import { checksumTable } from "../../../../src/vdiff/checksum/table-checksums.js";
import { TableSides } from "../../../../src/vdiff/checksum/table-sides.js";
import { TabletQueue } from "../../../../src/vdiff/checksum/tablet-queue.js";
import type { Job } from "../../../../src/vdiff/compare/pass.js";
import { planTables, type TablePlan } from "../../../../src/vdiff/plan/plan.js";
import type { VdiffRun } from "../../../../src/vdiff/run-context.js";
import type { TableDefinition__Output as TableDefinition } from "../../../../src/wire/generated/tabletmanagerdata/TableDefinition.js";
import { start, type TestServer } from "../../sandbox-mysql/helpers.js";

export interface TwoSides {
  source: TestServer[];
  target: TestServer[];
  plan: TablePlan;
  job: Job;
  sides: TableSides;
  /** Every statement that was asked, "source 0: select ..." */
  asked: string[];
  /** The largest number of statements at once on one tablet. */
  atOnce(): number;
  /** `now` is called between the first look at the table and the second. */
  pause: { now(): void };
  check(): ReturnType<typeof checksumTable>;
}

export interface Shape {
  source: string;
  /** Default: as the source. */
  target?: string;
  shards?: [source: number, target: number];
  parallel?: number;
  /** Servers of an earlier one, to save time; their table is dropped. */
  servers?: Pick<TwoSides, "source" | "target">;
  /** Bytes of a row, as the source estimates them: what a range's size is made of. */
  rowBytes?: number;
}

/** A table `t` on MySQL servers of both sides, behind tablets that know ExecuteFetchAsApp alone. */
export async function twoSides({
  source,
  target = source,
  shards = [1, 1],
  parallel = 4,
  rowBytes = 100,
  servers,
}: Shape): Promise<TwoSides> {
  const withTable = async (count: number, ddl: string, running: TestServer[] | undefined) => {
    const started = running ?? (await Promise.all(Array.from({ length: count }, () => start())));
    for (const { run } of started) {
      run("drop table if exists t");
      run(ddl);
    }
    return started;
  };
  const sources = await withTable(shards[0], source, servers?.source);
  const targets = await withTable(shards[1], target, servers?.target);
  const streams = sources.flatMap((_, s) =>
    targets.map((_, t) => ({
      source: `s${s}`,
      target: `t${t}`,
      rules: [{ match: "t", filter: "select * from t where in_keyrange(a, 'hash', '-80')" }],
    })),
  );
  const definitions = [sources, targets].map(([first]) => definition(first, rowBytes));
  const { plans } = planTables({
    streams,
    tables: [],
    source: definitions.slice(0, 1),
    target: definitions.slice(1),
  });
  const [plan] = plans;
  const [group] = plan?.groups ?? [];
  if (plan === undefined || group === undefined) throw new Error("no plan");
  const asked: string[] = [];
  const load = { now: new Map<string, number>(), most: 0 };
  const tablets = (side: string, of: TestServer[]) =>
    new Map(of.map((server, i) => [`${side[0]}${i}`, tablet(`${side} ${i}`, server, asked, load)]));
  const run = {
    sourceTablets: tablets("source", sources),
    targetTablets: tablets("target", targets),
    waitMs: 5000,
    signal: new AbortController().signal,
  } as unknown as VdiffRun;
  const job: Job = { plan, group, condition: "", shardBytes: plan.shardBytes };
  const sides = new TableSides(run, new TabletQueue(parallel), job, run.signal);
  // Between the first look at a table and the second.
  const pause = { now: () => {} };
  const clock = { now: () => new Date(), sleep: async () => pause.now() };
  const check = () =>
    checksumTable(sides, { rowBytes: plan.rowBytes, clock, signal: run.signal, onProgress: () => {} });
  return { source: sources, target: targets, plan, job, sides, asked, atOnce: () => load.most, pause, check };
}

function definition(server: TestServer | undefined, rowBytes: number): TableDefinition {
  const table = server?.server.table("db", "t");
  if (table === undefined) throw new Error("no table t");
  return {
    name: "t",
    schema: table.createTable,
    columns: table.columns.map(({ name }) => name),
    primary_key_columns: table.primaryKey,
    type: "BASE TABLE",
    data_length: String(rowBytes * 1000),
    row_count: "1000",
    fields: [],
  };
}

function tablet(
  name: string,
  { server }: TestServer,
  asked: string[],
  load: { now: Map<string, number>; most: number },
): Tablet {
  const session = server.session();
  const record = { alias: name, keyspace: "ks", dbName: "db" } as TabletRecord;
  return {
    record,
    async executeFetchAsApp(query: string) {
      asked.push(`${name}: ${query}`);
      const now = (load.now.get(name) ?? 0) + 1;
      load.now.set(name, now);
      load.most = Math.max(load.most, now);
      await new Promise(setImmediate);
      try {
        return session.execute(query);
      } finally {
        load.now.set(name, now - 1);
      }
    },
  } as unknown as Tablet;
}
