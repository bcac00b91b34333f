/** Sandbox clusters for tests that type commands: what is typed, and everything that a command could have changed. */
import { createConnection, type RowDataPacket } from "mysql2/promise";
import { vi } from "vitest";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/cluster.js";
import type { Session } from "../../src/sandbox/mysql/port.js";
import type { Timings } from "../../src/sandbox/tablet/state.js";
import type { SandboxTablet } from "../../src/sandbox/tablet/tablet.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import type { Topo } from "../../src/topo/port.js";
import { openTopo } from "../../src/topo/topo.js";
import { decode } from "../../src/wire/proto.js";
import { type ResultSet, records } from "../../src/wire/result.js";
import { quoteIdentifier } from "../../src/wire/sql.js";
import { type CliOptions, type CliResult, connection, runCli } from "./cli.js";
import { RawEtcd } from "./raw-etcd.js";

/** Vitess's own waits are half a minute; tests are not for waiting. */
const quick: Partial<Timings> = { pickerRetryMs: 300, streamRetryMs: 300, healthIntervalMs: 500, heartbeatMs: 300 };

type Row = Record<string, string | null>;

export class Lab {
  private constructor(
    readonly sandbox: Sandbox,
    /** The target's topology. */
    readonly topo: Topo,
  ) {}

  /** Two clusters, the source mounted as "ext1". */
  static async start(options: SandboxOptions = {}): Promise<Lab> {
    const sandbox = await startSandbox({ timings: quick, ...options });
    const topo = await openTopo({ type: "etcd2", server: sandbox.target.etcd, root: sandbox.target.topoRoot });
    await topo.createMount("ext1", { type: "etcd2", server: sandbox.source.etcd, root: sandbox.source.topoRoot });
    return new Lab(sandbox, topo);
  }

  async close(): Promise<void> {
    this.topo.close();
    await this.sandbox.close();
  }

  /** Takes every workflow off the target, with its tables, record and VSchema entries, without typing anything. */
  async clear(): Promise<void> {
    const { alias, dbName, mysql } = this.primary("target");
    const clients = createTabletClients();
    const client = clients.open(await this.topo.tablet(alias));
    for (const { id } of this.streams()) {
      await client.vreplicationExec(`delete from _vt.vreplication where id = ${id}`);
    }
    clients.close();
    const tables = mysql.tables(dbName).map((table) => `drop table ${quoteIdentifier(table.name)}`);
    sql(this.primary("target"), "set foreign_key_checks = 0", ...tables);
    for (const file of await this.topo.global.list("vtmigrate/")) await this.topo.global.delete(file.path);
    const { tables: announced } = decode("vschema.Keyspace", (await this.topo.vschema("commerce")).contents);
    const names = Object.keys(announced);
    if (names.length > 0) await this.topo.removeVSchemaTables("commerce", names);
  }

  /** RefreshState on a tablet of the target. */
  async refresh(alias: string): Promise<void> {
    const clients = createTabletClients();
    await clients.open(await this.topo.tablet(alias)).refreshState();
    clients.close();
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
  type(line: string | string[], options: CliOptions = {}): Promise<CliResult> {
    const words = typeof line === "string" ? line.split(" ") : line;
    return runCli(words, { env: connection(this.sandbox.target.etcd), ...options });
  }

  tablet(cluster: "source" | "target", alias: string): SandboxTablet {
    const found = this.sandbox[cluster].tablets.find((tablet) => tablet.alias === alias);
    if (found === undefined) throw new Error(`the ${cluster} has no tablet ${alias}`);
    return found;
  }

  /** The first primary of a cluster: of keyspace commerce. */
  primary(cluster: "source" | "target"): SandboxTablet {
    const found = this.sandbox[cluster].tablets.find((tablet) => tablet.type === "PRIMARY");
    if (found === undefined) throw new Error(`the ${cluster} has no primary`);
    return found;
  }

  /** Every stream on the target's first primary. */
  streams(): Row[] {
    return sql(this.primary("target"), "select * from _vt.vreplication");
  }

  targetTables(): string[] {
    const { mysql, dbName } = this.primary("target");
    return mysql.tables(dbName).map((table) => table.name);
  }

  async record(workflow: string): Promise<Record<string, unknown> | undefined> {
    const file = await this.topo.workflowRecord("commerce", workflow);
    return file === undefined ? undefined : JSON.parse(file.contents);
  }

  /** Locks that anybody holds on keyspace commerce or on a workflow of it. */
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
    const servers = new Set([...Object.values(source.cells), ...Object.values(target.cells)]);
    const keys = await Promise.all([...servers].map((server) => allKeys(server)));
    const tablets = [...source.tablets, ...target.tablets].map((tablet) => [tablet.alias, contents(tablet)]);
    return { keys: Object.assign({}, ...keys), tablets: Object.fromEntries(tablets) };
  }
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

async function allKeys(server: string): Promise<Record<string, string>> {
  const etcd = new RawEtcd(server);
  try {
    const { kvs } = (await etcd.range("\0", { range_end: Buffer.from("\0") })) as {
      kvs: { key: Buffer; value: Buffer; mod_revision: string }[];
    };
    return Object.fromEntries(
      kvs.map((kv) => [`${server} ${kv.key}`, `${kv.mod_revision} ${kv.value.toString("hex")}`]),
    );
  } finally {
    etcd.close();
  }
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
