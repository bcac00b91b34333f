import type { Context } from "../../../../src/context.js";
import { ConflictError, NotFoundError } from "../../../../src/errors.js";
import type { ProgressRow } from "../../../../src/io/io.js";
import type { Tablet, TabletRecord } from "../../../../src/tablet/port.js";
import type { Lock, LockContents, Topo } from "../../../../src/topo/port.js";
import { formatBinlogSource } from "../../../../src/wire/binlog-source.js";
import { FakeMysql } from "./mysql.js";
import type { FakeTable } from "./table.js";
import { type FakeTablet, fakeTablet } from "./tablet.js";

const SOURCE_UUID = "0161eb37-e68d-11f1-a320-02fc00000001";
const TARGET_UUID = "0b045f6e-e68d-11f1-b4dc-02fc00000001";

/** Two clusters of one shard each, a workflow `commerce.wf` between them, and a context to run commands in. */
export function fakeClusters(tables: FakeTable[]) {
  const source = new FakeMysql(SOURCE_UUID, tables);
  const target = new FakeMysql(TARGET_UUID, structuredClone(tables));
  const sourcePrimary = fakeTablet(record("zx", 1, "PRIMARY"), source);
  const sourceReplica = fakeTablet(record("zx", 2, "REPLICA"), source);
  const targetPrimary = fakeTablet(record("zone1", 1, "PRIMARY"), target, { source });
  const all = [sourcePrimary, sourceReplica, targetPrimary];
  targetPrimary.streams.push({
    id: "6",
    workflow: "wf",
    source: formatBinlogSource({
      keyspace: "commerce",
      shard: "0",
      filter: { rules: tables.map(({ name }) => ({ match: name, filter: `select * from ${name}` })) },
      onDdl: "IGNORE",
      stopAfterCopy: false,
      externalCluster: "ext1",
      sourceTimeZone: "",
      targetTimeZone: "",
    }),
    pos: "",
    stop_pos: null,
    state: "Running",
    message: "",
    db_name: "vt_commerce",
  });

  const records = new Map<string, string>();
  const locks: (LockContents & { lose: (reason: Error) => void })[] = [];
  const topo = fakeTopo([targetPrimary], { records, locks });
  topo.openMount = async () => fakeTopo([sourcePrimary, sourceReplica], { records: new Map(), locks: [] });

  const controller = new AbortController();
  const notes: string[] = [];
  const progress: ProgressRow[][] = [];
  const open = (wanted: TabletRecord): Tablet => {
    const found = all.find(({ tablet }) => tablet.record.alias === wanted.alias);
    if (found === undefined) throw new NotFoundError(`no tablet ${wanted.alias}`);
    return found.tablet;
  };
  const ctx = {
    io: {
      print: (line: string) => notes.push(line),
      write: (text: string) => notes.push(text),
      note: (line: string) => notes.push(line),
      warn: (line: string) => notes.push(`Warning: ${line}`),
      progress: () => ({ update: (rows: ProgressRow[]) => progress.push(structuredClone(rows)), done: () => {} }),
    },
    clock: {
      now: () => new Date(),
      sleep: (ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
          setTimeout(resolve, ms);
        }),
    },
    log: { info: () => {} },
    signal: controller.signal,
    topo: async () => topo,
    tablets: () => ({ open, close: () => {} }),
  } as unknown as Context;
  return {
    ctx,
    topo,
    source,
    target,
    sourcePrimary,
    sourceReplica,
    targetPrimary,
    records,
    locks,
    controller,
    notes,
    progress,
  };
}

export type FakeClusters = ReturnType<typeof fakeClusters>;

function record(cell: string, uid: number, type: "PRIMARY" | "REPLICA"): TabletRecord {
  return {
    mount: "",
    alias: `${cell}-000000000${uid}`,
    cell,
    uid,
    keyspace: "commerce",
    shard: "0",
    type,
    hostname: "127.0.0.1",
    grpcAddress: `127.0.0.1:${15000 + uid}`,
    dbName: "vt_commerce",
  };
}

interface TopoState {
  records: Map<string, string>;
  locks: (LockContents & { lose: (reason: Error) => void })[];
}

function fakeTopo(tablets: FakeTablet[], state: TopoState): Topo {
  const recordOf = (tablet: FakeTablet) => tablet.tablet.record;
  const primary = tablets.map(recordOf).find((candidate) => candidate.type === "PRIMARY");
  const shard = {
    keyspace: "commerce",
    name: "0",
    primaryAlias: primary?.alias,
    isPrimaryServing: true,
    tabletControls: [],
  };
  const key = (keyspace: string, workflow: string) => `${keyspace}/${workflow}`;
  const known: Partial<Topo> = {
    description: "etcd2 fake",
    global: { lockHolders: async () => state.locks } as unknown as Topo["global"],
    cells: async () => [...new Set(tablets.map((tablet) => recordOf(tablet).cell))],
    cellAliases: async () => [],
    shards: async () => [shard],
    shard: async () => shard,
    tablet: async (alias) => {
      const found = tablets.map(recordOf).find((candidate) => candidate.alias === alias);
      if (found === undefined) throw new NotFoundError(`node doesn't exist: ${alias}`);
      return found;
    },
    tabletsOfShard: async (_keyspace, _shard, cells) =>
      tablets.map(recordOf).filter(({ cell }) => cells === undefined || cells.includes(cell)),
    workflowRecord: async (keyspace, workflow) => {
      const contents = state.records.get(key(keyspace, workflow));
      return contents === undefined ? undefined : { contents, version: "1" };
    },
    saveWorkflowRecord: async (keyspace, workflow, contents) => {
      state.records.set(key(keyspace, workflow), contents);
      return "1";
    },
    lockKeyspace: async (_keyspace, request) => {
      if (state.locks.length > 0) throw new ConflictError("the keyspace is locked");
      return takeLock(state, request.action);
    },
    close: () => {},
  };
  return known as Topo;
}

function takeLock(state: TopoState, action: string): Lock {
  const lost = new AbortController();
  const holder = {
    Action: action,
    HostName: "here",
    UserName: "me",
    Time: "2026-11-22T17:27:13Z",
    Status: "Running",
    lose: (reason: Error) => lost.abort(reason),
  };
  state.locks.push(holder);
  return {
    dir: "keyspaces/commerce",
    lost: lost.signal,
    check: async () => lost.signal.throwIfAborted(),
    release: async () => {
      state.locks.splice(state.locks.indexOf(holder), 1);
    },
  };
}
