/** Sandbox clusters for tests that type commands: what is typed, and everything that a command could have changed. */
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { vi } from "vitest";
import { sourceCluster, targetCluster } from "../../src/sandbox/cluster/shape.js";
import type { Cluster } from "../../src/sandbox/cluster/start-cluster.js";
import {
  type Sandbox,
  type SandboxOptions,
  type SourceOptions,
  startSandbox,
  startSource,
} from "../../src/sandbox/cluster.js";
import type { Session } from "../../src/sandbox/mysql/port.js";
import type { Timings } from "../../src/sandbox/tablet/state.js";
import type { SandboxTablet } from "../../src/sandbox/tablet/tablet.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import type { TabletClients } from "../../src/tablet/port.js";
import type { Topo } from "../../src/topo/port.js";
import { openTopo } from "../../src/topo/topo.js";
import { encode } from "../../src/wire/proto.js";
import { type ResultSet, records } from "../../src/wire/result.js";
import { quoteIdentifier } from "../../src/wire/sql.js";
import { allKeys } from "./all-keys.js";
import { type CliOptions, type CliResult, connection, runCli } from "./cli.js";
import type { EtcdTls } from "./real-etcd.js";
import type { SecureClusters } from "./secure-clusters.js";
import { typeHere } from "./type-here.js";

/** Vitess's own waits are half a minute; tests are not for waiting. */
const quick: Partial<Timings> = { pickerRetryMs: 300, streamRetryMs: 300, healthIntervalMs: 500, heartbeatMs: 300 };

type Row = Record<string, string | null>;

export interface LabOptions extends SandboxOptions {
  /** Shapes of both sides in short; `source` and `target` of SandboxOptions say more. */
  sourceShards?: readonly string[];
  targetShards?: readonly string[];
  sourceKeyspace?: string;
  targetKeyspace?: string;
  /** Nothing listens where the topology says that the source's primaries are. */
  unreachableSourcePrimaries?: boolean;
  /**
   * Lines that need nothing of a process are typed in this one: for suites that type many, and are not about the process.
   * The built program has suites enough of its own.
   */
  typesHere?: boolean;
  /** Names under which the target knows the source. Default: ext1. */
  mounts?: readonly string[];
  /** Everything is encrypted, and everybody is asked who he is. Mount is left to the test, with the source's flags. */
  secure?: SecureClusters;
}

type Side = "source" | "target";

export class Lab {
  readonly #mounted: { name: string; cluster: Cluster }[] = [];
  /** The target's VSchemas as they were at the start. */
  readonly #vschemas = new Map<string, Buffer>();

  private constructor(
    readonly sandbox: Sandbox,
    /** The target's topology. */
    readonly topo: Topo,
    private readonly secure: SecureClusters | undefined,
    private readonly typesHere: boolean,
  ) {}

  /** Two clusters, the source mounted as "ext1". */
  static async start(options: LabOptions = {}): Promise<Lab> {
    const { secure } = options;
    const sandbox = await startSandbox({ timings: quick, ...options, ...shapes(options), ...secure?.sandbox });
    const { etcd: server, topoRoot: root } = sandbox.target;
    const topo = await openTopo({ type: "etcd2", server, root }, { ...(secure && { security: secure.target.etcd }) });
    const lab = new Lab(sandbox, topo, secure, options.typesHere ?? false);
    for (const name of options.mounts ?? (secure ? [] : ["ext1"])) await lab.mount(name, sandbox.source);
    for (const { name } of sandbox.target.shape.keyspaces) {
      lab.#vschemas.set(name, (await lab.topo.vschema(name)).contents);
    }
    return lab;
  }

  /** Lets the target know a cluster. */
  async mount(name: string, { etcd, topoRoot }: Cluster): Promise<void> {
    await this.topo.createMount(name, { type: "etcd2", server: etcd, root: topoRoot });
  }

  /** Starts a further source cluster and mounts it; it is closed with the lab. */
  async addSource(mount: string, options: SourceOptions = {}): Promise<Cluster> {
    const cluster = await startSource({ timings: quick, ...options });
    this.#mounted.push({ name: mount, cluster });
    await this.mount(mount, cluster);
    return cluster;
  }

  async close(): Promise<void> {
    this.topo.close();
    await this.sandbox.close();
    for (const { cluster } of this.#mounted) await cluster.close();
  }

  /** Takes every workflow off the target, with its tables and records, and puts its VSchemas back, without typing anything. */
  async clear(): Promise<void> {
    const clients = this.#clients();
    for (const primary of this.primaries("target")) {
      const client = clients.open(await this.topo.tablet(primary.alias));
      for (const { id } of sql(primary, "select id from _vt.vreplication")) {
        await client.vreplicationExec(`delete from _vt.vreplication where id = ${id}`);
      }
      const tables = primary.mysql.tables(primary.dbName).map(({ name }) => `drop table ${quoteIdentifier(name)}`);
      sql(primary, "set foreign_key_checks = 0", ...tables);
    }
    clients.close();
    for (const file of await this.topo.global.list("vtmigrate/")) await this.topo.global.delete(file.path);
    let changed = false;
    for (const [keyspace, before] of this.#vschemas) {
      const { contents, version } = await this.topo.vschema(keyspace);
      if (contents.equals(before)) continue;
      await this.topo.saveVSchema(keyspace, before, version);
      changed = true;
    }
    if (changed) await this.topo.rebuildSrvVSchema();
  }

  /** Puts tables on the denied list of every shard of a target keyspace, as vtctldclient's create does (v22). */
  async deny(tables: string[], keyspace = this.keyspace("target")): Promise<void> {
    for (const { name } of await this.topo.shards(keyspace)) {
      const path = `keyspaces/${keyspace}/shards/${name}/Shard`;
      const { contents, version } = await this.topo.global.get(path);
      const control = { tablet_type: "PRIMARY" as const, denied_tables: tables };
      const bytes = encode("topodata.Shard", { tablet_controls: [control] });
      await this.topo.global.update(path, Buffer.concat([contents, bytes]), version);
    }
    for (const { alias } of this.sandbox.target.tablets) await this.refresh(alias);
  }

  /** RefreshState on a tablet of the target. */
  async refresh(alias: string): Promise<void> {
    const clients = this.#clients();
    await clients.open(await this.topo.tablet(alias)).refreshState();
    clients.close();
  }

  /** Of the target's tablets. */
  #clients(): TabletClients {
    const { secure } = this;
    return createTabletClients(secure && (() => secure.target.tablets));
  }

  /** All rows of a table, as the application reads them from the target's vtgate. */
  async queryTarget({ keyspace, table }: { keyspace: string; table: string }): Promise<unknown[]> {
    const { vtgatePort } = this.sandbox.target;
    const client = await createConnection({ host: "127.0.0.1", port: vtgatePort, user: "reader", database: keyspace });
    try {
      const [found] = await client.query<RowDataPacket[]>(`select * from ${quoteIdentifier(table)}`);
      return found;
    } finally {
      await client.end();
    }
  }

  /** One command line; words are separated by single blanks, unless they come as a list. */
  type(line: string | string[], options?: CliOptions): Promise<CliResult> {
    return this.typesHere && options === undefined ? typeHere(this, line) : this.run(line, options);
  }

  /** The same by the built program, whatever the lab's lines are typed by. */
  run(line: string | string[], options: CliOptions = {}): Promise<CliResult> {
    const words = typeof line === "string" ? line.split(" ") : line;
    const flags = this.secure?.target.flags ?? [];
    return runCli([...flags, ...words], { env: this.environment(), ...options });
  }

  /** The environment that lines are typed in: the connection, and where what Mount remembers lies, when it is to. */
  environment(): Record<string, string> {
    const env = connection(this.sandbox.target.etcd);
    return this.secure === undefined ? env : { ...env, XDG_CONFIG_HOME: this.secure.folder };
  }

  tablet(cluster: "source" | "target", alias: string): SandboxTablet {
    const found = this.sandbox[cluster].tablets.find((tablet) => tablet.alias === alias);
    if (found === undefined) throw new Error(`the ${cluster} has no tablet ${alias}`);
    return found;
  }

  /** The first primary of a cluster: of its first keyspace's first shard. */
  primary(cluster: Side): SandboxTablet {
    const [found] = this.primaries(cluster);
    if (found === undefined) throw new Error(`the ${cluster} has no primary`);
    return found;
  }

  /** Of every shard of every keyspace, or of one keyspace, in the shape's order. */
  primaries(cluster: Side, keyspace?: string): SandboxTablet[] {
    return this.sandbox[cluster].tablets.filter(
      (tablet) => tablet.type === "PRIMARY" && (keyspace === undefined || tablet.keyspace === keyspace),
    );
  }

  /** Of the first keyspace unless one is named. */
  primaryOf(cluster: Side, shard: string, keyspace = this.keyspace(cluster)): SandboxTablet {
    const found = this.primaries(cluster, keyspace).find((tablet) => tablet.shard === shard);
    if (found === undefined) throw new Error(`the ${cluster} has no primary of ${keyspace}/${shard}`);
    return found;
  }

  /** The name of a cluster's first keyspace. */
  keyspace(cluster: Side): string {
    return this.sandbox[cluster].shape.keyspaces[0]?.name ?? "";
  }

  /** Each shard's rows of a table as `rows` gives them; no entry where the table doesn't exist. */
  rowsByShard(cluster: Side, table: string, keyspace = this.keyspace(cluster)): Record<string, string[]> {
    const having = this.primaries(cluster, keyspace).filter(({ mysql, dbName }) => mysql.table(dbName, table));
    return Object.fromEntries(having.map((primary) => [primary.shard, rows(primary, table)]));
  }

  /**
   * All shards' rows of a table, sorted; of a table that the shape's VSchema calls a reference table one shard's, and an
   * Error when shards differ. Over shapes of any kind the same table gives the same list.
   */
  rowsOf(cluster: Side, table: string, keyspace = this.keyspace(cluster)): string[] {
    const shards = Object.entries(this.rowsByShard(cluster, table, keyspace));
    const shape = this.sandbox[cluster].shape.keyspaces.find(({ name }) => name === keyspace);
    if (shape?.vschema.tables?.[table]?.type !== "reference") return shards.flatMap(([, found]) => found).sort();
    const [first = ["", []]] = shards;
    for (const [shard, found] of shards) {
      if (found.join("\n") === first[1].join("\n")) continue;
      throw new Error(`reference table ${table} differs between ${keyspace}/${first[0]} and ${keyspace}/${shard}`);
    }
    return first[1];
  }

  /** Every stream on the target's primaries; `db_name` tells the keyspace, and ids count anew on each tablet. */
  streams(keyspace?: string): Row[] {
    return this.primaries("target", keyspace).flatMap((primary) => sql(primary, "select * from _vt.vreplication"));
  }

  /** The streams on each shard of a target keyspace. */
  streamsByShard(keyspace = this.keyspace("target")): Record<string, Row[]> {
    const found = this.primaries("target", keyspace).map((primary) => [
      primary.shard,
      sql(primary, "select * from _vt.vreplication"),
    ]);
    return Object.fromEntries(found);
  }

  /** On the target's first primary. */
  targetTables(): string[] {
    const { mysql, dbName } = this.primary("target");
    return mysql.tables(dbName).map((table) => table.name);
  }

  async record(workflow: string, keyspace = this.keyspace("target")): Promise<Record<string, unknown> | undefined> {
    const file = await this.topo.workflowRecord(keyspace, workflow);
    return file === undefined ? undefined : JSON.parse(file.contents);
  }

  /** Locks that anybody holds on a keyspace or on a workflow. */
  async locks(): Promise<string[]> {
    const files = await this.topo.global.list("");
    return files.map((file) => file.path).filter((path) => path.includes("/locks/"));
  }

  /**
   * Every key of every etcd with its value and revision, and of every tablet the tables with their rows, the
   * streams and what is left of their copies. What a running stream writes by itself is left out.
   */
  async everything(): Promise<{ keys: Record<string, string>; tablets: Record<string, unknown> }> {
    const { source, target } = this.sandbox;
    const ofMounted = this.#mounted.flatMap(({ cluster }) => Object.values(cluster.cells));
    const keys = await Promise.all([
      ...unique(Object.values(source.cells)).map((server) => keysOf(server, this.secure?.source.etcdTls)),
      ...unique(Object.values(target.cells)).map((server) => keysOf(server, this.secure?.target.etcdTls)),
      ...unique(ofMounted).map((server) => keysOf(server)),
    ]);
    const tablets = [...source.tablets, ...target.tablets].map((tablet) => [tablet.alias, contents(tablet)]);
    for (const { name, cluster } of this.#mounted) {
      tablets.push(...cluster.tablets.map((tablet) => [`${name} ${tablet.alias}`, contents(tablet)]));
    }
    return { keys: Object.assign({}, ...keys), tablets: Object.fromEntries(tablets) };
  }
}

function shapes(options: LabOptions): Pick<SandboxOptions, "source" | "target"> {
  const { sourceShards, targetShards, sourceKeyspace, targetKeyspace, unreachableSourcePrimaries } = options;
  const source = sourceCluster({
    ...(sourceShards && { shards: sourceShards }),
    ...(sourceKeyspace && { name: sourceKeyspace }),
    ...(unreachableSourcePrimaries && { unreachablePrimaries: true }),
  });
  const asked = targetShards !== undefined || targetKeyspace !== undefined;
  const target = targetCluster({
    ...(targetShards && { shards: targetShards }),
    ...(targetKeyspace && { name: targetKeyspace }),
  });
  return {
    source: options.source ?? source,
    ...((options.target ?? asked) ? { target: options.target ?? target } : {}),
  };
}

/** Runs statements in a tablet's own database; the rows of the last one. */
export function sql(tablet: SandboxTablet, ...statements: string[]): Row[] {
  const session = tablet.mysql.session({ database: tablet.dbName });
  try {
    return statements.map((statement) => records(session.execute(statement))).at(-1) ?? [];
  } finally {
    session.close();
  }
}

/** A table's rows as hexadecimal text, sorted: equal tables give equal lists. */
export function rows(tablet: SandboxTablet, table: string): string[] {
  const session = tablet.mysql.session({ database: tablet.dbName });
  try {
    return hexRows(session.execute(`select * from ${quoteIdentifier(table)}`)).sort();
  } finally {
    session.close();
  }
}

function hexRows(result: ResultSet): string[] {
  return result.rows.map((row) => row.map((value) => value?.toString("hex") ?? "null").join(" "));
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}

/** By server, and with revisions: a key that was written anew is told from one that wasn't. */
async function keysOf(server: string, tls?: EtcdTls): Promise<Record<string, string>> {
  const keys = await allKeys(server, tls);
  return Object.fromEntries(
    keys.map(({ key, value, revision }) => [`${server} ${key}`, `${revision} ${value.toString("hex")}`]),
  );
}

const byItself = ["pos", "time_updated", "time_heartbeat", "transaction_timestamp", "rows_copied"];

function contents(tablet: SandboxTablet): unknown {
  const { mysql, dbName } = tablet;
  const tables = mysql.tables(dbName).map(({ name, createTable }) => [name, createTable, rows(tablet, name)]);
  const streams = sql(tablet, "select * from _vt.vreplication").map((row) =>
    Object.entries(row).filter(([column]) => !byItself.includes(column)),
  );
  return { tables, streams, copying: sql(tablet, "select vrepl_id, table_name from _vt.copy_state") };
}

/** A stream has read its first snapshot: the first table's rows are on their way, the others' are still to be asked for. */
export const firstPosition = /^update _vt\.vreplication set pos = /i;

/**
 * Does something in the moment in which a statement that matches has been executed; no matter on which of the
 * sandbox's MySQLs. Until vi.restoreAllMocks(), at each such statement; resolves at the first.
 */
export function afterStatement(tablet: SandboxTablet, pattern: RegExp, action: () => void): Promise<void> {
  const session = tablet.mysql.session();
  const sessions: Session = Object.getPrototypeOf(session);
  session.close();
  const { execute } = sessions;
  return new Promise((resolve) => {
    vi.spyOn(sessions, "execute").mockImplementation(function (this: Session, statement) {
      const answer = execute.call(this, statement);
      if (pattern.test(statement)) {
        action();
        resolve();
      }
      return answer;
    });
  });
}
