/** Two small clusters for tests: etcds, tablets with a MySQL each, a mount from the target to the source. */
import { type Client, credentials, makeGenericClientConstructor, type ServiceError } from "@grpc/grpc-js";
import { type EtcdServer, startEtcd } from "../../../src/sandbox/etcd/server.js";
import type { MysqlServer } from "../../../src/sandbox/mysql/port.js";
import { createMysqlServer } from "../../../src/sandbox/mysql/server.js";
import type { VersionProfile } from "../../../src/sandbox/tablet/profiles.js";
import type { Timings } from "../../../src/sandbox/tablet/state.js";
import { type SandboxTablet, startTablet, type TabletOptions } from "../../../src/sandbox/tablet/tablet.js";
import { openSandboxTopo, type SandboxTopo, type TopoAddress } from "../../../src/sandbox/topo.js";
import type { QueryClient } from "../../../src/wire/generated/queryservice/Query.js";
import type { TabletManagerClient } from "../../../src/wire/generated/tabletmanagerservice/TabletManager.js";
import { serviceDefinition } from "../../../src/wire/proto.js";
import { decodeResult, records } from "../../../src/wire/result.js";

export const quick: Partial<Timings> = {
  pickerRetryMs: 200,
  streamRetryMs: 200,
  rowsCopiedMs: 0,
  healthIntervalMs: 500,
  heartbeatMs: 200,
  vdiffRetryMs: 300,
  vdiffRestartMs: 100,
};

type Unary<C> = {
  [M in keyof C]: C[M] extends (
    request: infer Q,
    done: (error: ServiceError | null, value?: infer R) => void,
  ) => unknown
    ? (request: Q) => Promise<R>
    : never;
};

/** One cluster: an etcd that holds the global topology and one cell's. */
export class Cluster {
  readonly tablets: SandboxTablet[] = [];
  readonly #mysqls: MysqlServer[] = [];
  readonly #clients: Client[] = [];

  private constructor(
    readonly etcd: EtcdServer,
    readonly topo: SandboxTopo,
    readonly address: TopoAddress,
    readonly cell: string,
  ) {}

  static async start(cell: string): Promise<Cluster> {
    const etcd = await startEtcd();
    const address = { server: etcd.endpoint, root: "/vitess/global" };
    const topo = openSandboxTopo(address);
    await topo.put("topodata.CellInfo", `cells/${cell}/CellInfo`, {
      server_address: etcd.endpoint,
      root: `/vitess/${cell}`,
    });
    return new Cluster(etcd, topo, address, cell);
  }

  async tablet(
    options: Pick<TabletOptions, "uid" | "profile"> & Partial<TabletOptions>,
    serverUuid?: string,
  ): Promise<SandboxTablet> {
    const mysql = await createMysqlServer(serverUuid === undefined ? {} : { serverUuid });
    this.#mysqls.push(mysql);
    const tablet = await startTablet({
      cell: this.cell,
      keyspace: "commerce",
      shard: "0",
      type: "PRIMARY",
      topo: this.address,
      mysql,
      timings: quick,
      ...options,
    });
    this.tablets.push(tablet);
    return tablet;
  }

  async mount(name: string, other: Cluster): Promise<void> {
    await this.topo.put("topodata.ExternalVitessCluster", `ExternalClusters/vitess/${name}`, {
      topo_config: { topo_type: "etcd2", server: other.address.server, root: other.address.root },
    });
  }

  manager(tablet: SandboxTablet): Unary<TabletManagerClient> {
    return unary(this.#client<TabletManagerClient>("tabletmanagerservice.TabletManager", tablet), {});
  }

  query(tablet: SandboxTablet): Unary<QueryClient> & { streams: QueryClient } {
    const streams = this.#client<QueryClient>("queryservice.Query", tablet);
    return unary(streams, { streams });
  }

  #client<C>(service: "tabletmanagerservice.TabletManager" | "queryservice.Query", tablet: SandboxTablet): C {
    const Service = makeGenericClientConstructor(serviceDefinition(service), "Service");
    const client = new Service(`127.0.0.1:${tablet.port}`, credentials.createInsecure());
    this.#clients.push(client);
    return client as Client as C;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await Promise.all(this.tablets.map((tablet) => tablet.stop()));
    for (const mysql of this.#mysqls) mysql.close();
    this.topo.close();
    await this.etcd.close();
  }
}

/** Every method as a promise with a deadline; `more` is beside them. */
function unary<C extends object, More extends object>(client: C, more: More): Unary<C> & More {
  const methods = client as Record<PropertyKey, (...args: unknown[]) => unknown>;
  const promised = (name: PropertyKey) => (request: unknown) =>
    new Promise((resolve, reject) => {
      const options = { deadline: Date.now() + 20_000 };
      methods[name]?.call(client, request, options, (error: unknown, value: unknown) =>
        error ? reject(error) : resolve(value),
      );
    });
  return new Proxy(more, { get: (_, name) => Reflect.get(more, name) ?? promised(name) }) as Unary<C> & More;
}

/** Rows of a SELECT in the tablet's own database, as arrays of text. */
export function rows(tablet: SandboxTablet, sql: string): (string | null)[][] {
  return run(tablet, sql).map((row) => row.map((value) => value?.toString("utf8") ?? null));
}

export function run(tablet: SandboxTablet, sql: string) {
  const session = tablet.mysql.session({ database: tablet.dbName });
  try {
    return session.executeScript(sql).at(-1)?.rows ?? [];
  } finally {
    session.close();
  }
}

/** Polls until the check holds; fails with what it last saw. */
export async function until<T>(see: () => T | Promise<T>, check: (seen: T) => boolean, timeoutMs = 10_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const seen = await see();
    if (check(seen)) return seen;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(seen)} after ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

export const commerce = `
create table customer (customer_id bigint not null auto_increment, email varbinary(128), primary key (customer_id));
create table product (sku varbinary(128) not null, description varbinary(128), price bigint, primary key (sku));
create table notes (name varchar(64) not null, body text, ts timestamp null default current_timestamp, j json, primary key (name));
`;

export interface Pair {
  source: Cluster;
  target: Cluster;
  sourcePrimary: SandboxTablet;
  sourceReplica: SandboxTablet;
  targetPrimary: SandboxTablet;
  exec(sql: string): Promise<Record<string, string | null>[]>;
  stop(): Promise<void>;
}

/** Source cell zx with a primary and a replica, target cell zone1 with a primary, mount ext1. */
export async function startPair(
  profile: VersionProfile,
  schema = commerce,
  timings: Partial<Timings> = {},
): Promise<Pair> {
  const [source, target] = await Promise.all([Cluster.start("zx"), Cluster.start("zone1")]);
  const sourcePrimary = await source.tablet({ uid: 1, profile });
  const sourceReplica = await source.tablet({ uid: 2, profile, type: "REPLICA", replicaOf: sourcePrimary });
  const targetPrimary = await target.tablet({ uid: 1, profile, timings: { ...quick, ...timings } });
  await target.mount("ext1", source);
  run(sourcePrimary, schema);
  run(targetPrimary, schema);
  const manager = target.manager(targetPrimary);
  return {
    source,
    target,
    sourcePrimary,
    sourceReplica,
    targetPrimary,
    exec: async (query) => {
      const { result } = (await manager.VReplicationExec({ query })) as Parameters<
        typeof decodeResult
      >[0] extends infer R
        ? { result: R }
        : never;
      return records(decodeResult(result));
    },
    stop: async () => {
      await Promise.all([source.stop(), target.stop()]);
    },
  };
}

export interface StreamOptions {
  cells?: string;
  types?: string;
  mount?: string;
  rules?: string;
  more?: string;
  /** Further columns of the row. */
  columns?: Record<string, number>;
}

const allTables = ["customer", "notes", "product"].map(
  (name) => `rules:{match:"${name}" filter:"select * from ${name}"}`,
);

/** The INSERT of a stopped stream, with the columns that every version has. */
export function insertStream(profile: VersionProfile, options: StreamOptions = {}): string {
  const {
    cells = "zx",
    types = "replica",
    mount = "ext1",
    rules = allTables.join(" "),
    more = "",
    columns = {},
  } = options;
  const source = `keyspace:"commerce" shard:"0" filter:{${rules}} ${more} external_cluster:"${mount}"`;
  const literal = source.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  const further = Object.entries({ ...columns, ...(profile.sidecar.options && { options: "'{}'" }) });
  const column = further.map(([name]) => `, ${name}`).join("");
  const value = further.map(([, given]) => `, ${given}`).join("");
  return (
    "insert into _vt.vreplication(workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, " +
    `time_updated, transaction_timestamp, state, db_name${column}) values ('wf', '${literal}', '', 9223372036854775807, ` +
    `9223372036854775807, '${cells}', '${types}', 1, 0, 'Stopped', 'vt_commerce'${value})`
  );
}

export const startStreams = "update _vt.vreplication set state='Running' where db_name='vt_commerce' and workflow='wf'";
export const stopStreams = "update _vt.vreplication set state='Stopped' where db_name='vt_commerce' and workflow='wf'";
export const showStreams = "select * from _vt.vreplication where workflow='wf'";
