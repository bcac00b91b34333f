/** What suites on a real Vitess do with its two clusters: type commands, look at everything, put everything back. */
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { beforeAll, beforeEach, describe, inject } from "vitest";
import { commerceRows, commerceSchema } from "../../src/sandbox/commerce.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import type { Tablet } from "../../src/tablet/port.js";
import type { Topo } from "../../src/topo/port.js";
import { openTopo } from "../../src/topo/topo.js";
import { quoteIdentifier } from "../../src/wire/sql.js";
import { allKeys, type StoredKey } from "../support/all-keys.js";
import { type CliOptions, type CliResult, connection, runCli } from "../support/cli.js";
import type { RunningCluster } from "./harness/cluster.js";
import { connectTo } from "./harness/connect.js";
import { majorVersion } from "./harness/install.js";
import type { Installation } from "./harness/installation.js";
import { serverEnv } from "./harness/mysql.js";
import { mustRun, type ProgramResult, runProgram } from "./harness/run-program.js";
import { startServerAgain, stopServer } from "./harness/server.js";
import type { RunningTablet } from "./harness/tablets.js";
import { clear, clearTarget } from "./put-back.js";
import { Failed, until } from "./until.js";

type Side = "source" | "target";
export type Row = Record<string, string | null>;

/** A suite on the two clusters; counted as skipped where there is no Vitess. */
export function describeVitess(name: string, suite: (lab: VitessLab) => void): void {
  const given = inject("vitess");
  if ("missing" in given) describe.skip(name, () => suite(new VitessLab(undefined)));
  else describe(name, () => suite(new VitessLab(given.installation)));
}

/** For a suite: the commerce tables in the source, and before each test a target as new that has mounted it as ext1. */
export function withFreshTarget(lab: VitessLab): void {
  beforeAll(async () => {
    await lab.clear();
    await lab.seed();
  });
  beforeEach(async () => {
    await lab.clearTarget();
    await lab.mount();
  });
}

export class VitessLab {
  constructor(private readonly given: Installation | undefined) {}

  get installation(): Installation {
    if (this.given === undefined) throw new Error("there is no Vitess to test on");
    return this.given;
  }

  get source(): RunningCluster {
    return this.installation.source;
  }

  get target(): RunningCluster {
    return this.installation.target;
  }

  /** 18 for v18.0.8. */
  get release(): number {
    return majorVersion(this.installation.install);
  }

  /** One vtmigrate command line on the target; words are separated by single blanks, unless they come as a list. */
  type(line: string | string[], options: CliOptions = {}): Promise<CliResult> {
    const words = typeof line === "string" ? line.split(" ") : line;
    return runCli(words, { timeoutMs: 110_000, ...options, env: { ...connection(this.target.etcd), ...options.env } });
  }

  /** As `type`; throws with what was said unless it ends with exit code 0. */
  async must(line: string | string[], options: CliOptions = {}): Promise<CliResult> {
    const result = await this.type(line, options);
    if (result.code === 0) return result;
    throw new Error(`${line} ended with ${result.code ?? result.signal}:\n${result.stdout}${result.stderr}`);
  }

  /** vtctlclient's words behind its server flag, as its release wants them: `["Mount", "--", "--list"]`. */
  vtctlclient(words: string[], timeoutMs = 60_000): Promise<ProgramResult> {
    const program = this.installation.install.programs.vtctlclient;
    if (program === undefined) throw new Error("this release has no vtctlclient");
    const env = serverEnv(this.installation.folder);
    return runProgram(program, ["--server", this.target.vtctld, ...words], { env, timeoutMs });
  }

  /** vtctldclient on one of the clusters; throws with its words when it fails. Its stdout. */
  vtctldclient(side: Side, ...words: string[]): Promise<string> {
    const { install, folder } = this.installation;
    const args = ["--server", this[side].vtctld, ...words];
    return mustRun(install.programs.vtctldclient, args, { env: serverEnv(folder), timeoutMs: 60_000 });
  }

  /** The primary of a shard. */
  primary(side: Side, keyspace: string, shard = "0"): RunningTablet {
    const found = this.primaries(side, keyspace).find((tablet) => tablet.shard === shard);
    if (found === undefined) throw new Error(`the ${side} has no primary of ${keyspace}/${shard}`);
    return found;
  }

  primaries(side: Side, keyspace?: string): RunningTablet[] {
    return this[side].tablets.filter(
      (tablet) => tablet.type === "PRIMARY" && (keyspace === undefined || tablet.keyspace === keyspace),
    );
  }

  tablet(side: Side, uid: number): RunningTablet {
    const found = this[side].tablets.find((tablet) => tablet.uid === uid);
    if (found === undefined) throw new Error(`the ${side} has no tablet ${uid}`);
    return found;
  }

  /** Statements on a tablet's MySQL itself, in its own database; the rows of the last one, every value as text. */
  async sql(tablet: RunningTablet, ...statements: string[]): Promise<Row[]> {
    const client = await this.hold(tablet);
    try {
      let rows: Row[] = [];
      for (const statement of statements) {
        const [answer] = await client.query<RowDataPacket[]>(statement);
        rows = Array.isArray(answer) ? (answer as Row[]) : [];
      }
      return rows;
    } finally {
      await client.end();
    }
  }

  /** A connection to a tablet's MySQL that has executed a statement, and goes on until the caller ends it. */
  async hold(tablet: RunningTablet, statement?: string): Promise<Connection> {
    const client = await connectTo(tablet.mysqlSocket);
    await client.query(`use ${quoteIdentifier(tablet.database)}`);
    if (statement !== undefined) await client.query(statement);
    return client;
  }

  /** The application's connection to a vtgate; the caller ends it. */
  gate(side: Side, keyspace: string): Promise<Connection> {
    const port = this[side].vtgateMysqlPort;
    return createConnection({ host: "127.0.0.1", port, user: "application", database: keyspace });
  }

  /** DDL on every shard of a keyspace, after which all tablets know it. */
  async ddl(side: Side, keyspace: string, statements: readonly string[]): Promise<void> {
    await this.vtctldclient(side, "ApplySchema", ...statements.flatMap((sql) => ["--sql", sql]), keyspace);
  }

  /** The sandbox's commerce tables with rows in a keyspace of the source, written through its vtgate. */
  async seed(keyspace = "commerce", rows = 200): Promise<void> {
    // MariaDB lacks MySQL 8's collations.
    const statements = commerceSchema.map((sql) => sql.replace("utf8mb4_0900_ai_ci", "utf8mb4_general_ci"));
    await this.ddl("source", keyspace, statements);
    const shards = this.primaries("source", keyspace);
    const gate = await this.gate("source", keyspace);
    try {
      for (const statement of commerceRows(rows)) {
        // vtgate takes no writes to a reference table (v18.0.8: "does not have a primary vindex").
        if (shards.length > 1 && statement.startsWith("insert into product")) {
          for (const shard of shards) await this.sql(shard, statement);
          continue;
        }
        await until(`vtgate takes ${statement.slice(0, 40)}`, async () => {
          await gate.query(statement);
          return true;
        });
      }
    } finally {
      await gate.end();
    }
  }

  /** Lets the target know the source. */
  async mount(name = "ext1"): Promise<void> {
    const { etcd, topoRoot } = this.source;
    await this.must(`Mount -topo_type etcd2 -topo_server ${etcd} -topo_root ${topoRoot} ${name}`);
  }

  /** Every stream on the primaries of a target keyspace, with all columns. */
  async streams(keyspace: string): Promise<Row[]> {
    const found = this.primaries("target", keyspace).map((tablet) =>
      this.sql(tablet, "select * from _vt.vreplication"),
    );
    return (await Promise.all(found)).flat();
  }

  /** The streams of a workflow when all of them have copied everything and follow; throws when one is in error. */
  async following(keyspace: string, workflow = "wf"): Promise<Row[]> {
    return until(`${keyspace}.${workflow} has copied everything`, async () => {
      const streams = (await this.streams(keyspace)).filter((stream) => stream.workflow === workflow);
      const failed = streams.find(({ state }) => state === "Error");
      if (failed) throw new Failed(`stream ${failed.id} is in error: ${failed.message}`);
      const copying = await Promise.all(
        this.primaries("target", keyspace).map((tablet) => this.sql(tablet, "select * from _vt.copy_state")),
      );
      const followed = streams.every(({ state, pos }) => state === "Running" && pos !== "");
      return streams.length > 0 && followed && copying.flat().length === 0 ? streams : undefined;
    });
  }

  /** All shards' rows of a table as hexadecimal text, sorted: equal tables give equal lists. */
  async rows(side: Side, keyspace: string, table: string): Promise<string[]> {
    const found = this.primaries(side, keyspace).map(async (tablet) => this.rowsOn(tablet, table));
    return (await Promise.all(found)).flat().sort();
  }

  async rowsOn(tablet: RunningTablet, table: string): Promise<string[]> {
    const columns = await this.sql(tablet, `show columns from ${quoteIdentifier(table)}`);
    const values = columns.map(({ Field }) => `ifnull(hex(${quoteIdentifier(Field ?? "")}), 'null')`);
    const rows = await this.sql(
      tablet,
      `select concat_ws(' ', ${values.join(", ")}) as r from ${quoteIdentifier(table)}`,
    );
    return rows.map(({ r }) => r ?? "").sort();
  }

  /** Names of a tablet's tables. */
  async tables(tablet: RunningTablet): Promise<string[]> {
    const found = await this.sql(tablet, "show full tables where Table_type = 'BASE TABLE'");
    return found.map((row) => Object.values(row)[0] ?? "").sort();
  }

  /** Every key of a cluster's etcd. */
  keys(side: Side): Promise<StoredKey[]> {
    return allKeys(this[side].etcd);
  }

  /** The topology and the tablets of a cluster, for as long as `use` takes. */
  async with<T>(
    side: Side,
    use: (topo: Topo, open: (tablet: RunningTablet) => Promise<Tablet>) => Promise<T>,
  ): Promise<T> {
    const topo = await openTopo({ type: "etcd2", server: this[side].etcd, root: this[side].topoRoot });
    const clients = createTabletClients();
    try {
      return await use(topo, async ({ alias }) => clients.open(await topo.tablet(alias)));
    } finally {
      clients.close();
      topo.close();
    }
  }

  stop(tablet: RunningTablet, signal?: NodeJS.Signals): Promise<void> {
    return stopServer(this.installation.folder, tablet.server, signal);
  }

  start(tablet: RunningTablet): Promise<void> {
    return startServerAgain(this.installation.folder, tablet.server);
  }

  /** Both clusters as they were when they had just started, the source without tables. */
  clear(): Promise<void> {
    return clear(this);
  }

  /** Takes every workflow, VDiff, table, mount and record off the target, and puts its VSchemas back. */
  clearTarget(): Promise<void> {
    return clearTarget(this);
  }
}
