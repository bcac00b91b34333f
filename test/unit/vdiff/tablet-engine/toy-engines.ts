/** A workflow of several target shards whose tablets have a VDiff engine of their own, and a context to run commands in. */
import type { Context } from "../../../../src/context.js";
import { NotFoundError } from "../../../../src/errors.js";
import type { ProgressRow } from "../../../../src/io/io.js";
import type { TabletRecord } from "../../../../src/tablet/port.js";
import type { LockContents, ShardRecord, Topo } from "../../../../src/topo/port.js";
import { type ToyEngine, toyEngine } from "./toy-engine.js";

const silent = () => {};

export interface ToyEngines {
  ctx: Context;
  engines: ToyEngine[];
  notes: string[];
  progress: ProgressRow[][];
  locks: LockContents[];
  interrupt: AbortController;
  /** "<shard> <action> <uuid or argument>", in order; what only reads is left out. */
  deeds: string[];
  /** Called instead of each pause; time passes by as much. */
  onPause: (pause: number) => void;
  /** What keyspaces of the target's topology have a VSchema. */
  vschemas: Set<string>;
  /** Tablets beside the primaries, on both sides. */
  others: { source: TabletRecord[]; target: TabletRecord[] };
}

export function toyEngines(shards = ["-80", "80-"]): ToyEngines {
  const deeds: string[] = [];
  const engines = shards.map((shard, i) => toyEngine(record("zone1", i + 1, "PRIMARY", shard), deeds));
  const interrupt = new AbortController();
  const notes: string[] = [];
  const progress: ProgressRow[][] = [];
  const locks: LockContents[] = [];
  const vschemas = new Set(["commerce", "shop"]);
  const others: ToyEngines["others"] = { source: [], target: [] };
  let now = Date.parse("2026-11-22T16:40:00Z");

  const source = [record("zx", 1, "PRIMARY", "0", "shop")];
  const topo = toyTopo(() => [...engines.map(({ tablet }) => tablet.record), ...others.target], { locks, vschemas });
  const sourceTopo = toyTopo(() => [...source, ...others.source], { locks: [], vschemas });
  topo.openMount = async () => sourceTopo;
  const toy: ToyEngines = {
    engines,
    notes,
    progress,
    locks,
    interrupt,
    deeds,
    onPause: () => {},
    vschemas,
    others,
    ctx: {
      io: {
        print: (line: string) => notes.push(line),
        write: (text: string) => notes.push(text),
        note: (line: string) => notes.push(line),
        warn: (line: string) => notes.push(`Warning: ${line}`),
        progress: () => ({ update: (rows: ProgressRow[]) => progress.push(structuredClone(rows)), done: () => {} }),
      },
      log: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
      clock: {
        now: () => new Date(now),
        sleep: async (ms: number, signal?: AbortSignal) => {
          now += ms;
          toy.onPause(ms);
          signal?.throwIfAborted();
        },
      },
      signal: interrupt.signal,
      topo: async () => topo,
      tablets: () => ({
        open: (wanted: TabletRecord) => {
          const found = engines.find(({ tablet }) => tablet.record.alias === wanted.alias);
          if (found === undefined) throw new NotFoundError(`no tablet ${wanted.alias}`);
          return found.tablet;
        },
        close: () => {},
      }),
    } as unknown as Context,
  };
  return toy;
}

export function record(
  cell: string,
  uid: number,
  type: "PRIMARY" | "REPLICA" | "RDONLY",
  shard = "-80",
  keyspace = "commerce",
): TabletRecord {
  const alias = `${cell}-000000000${uid}`;
  const grpcAddress = `127.0.0.1:${15000 + uid}`;
  return {
    mount: "",
    alias,
    cell,
    uid,
    keyspace,
    shard,
    type,
    hostname: "127.0.0.1",
    grpcAddress,
    dbName: "vt_commerce",
  };
}

function toyTopo(
  tablets: () => TabletRecord[],
  { locks, vschemas }: { locks: LockContents[]; vschemas: Set<string> },
): Topo {
  const shardOf = ({ keyspace, shard, alias }: TabletRecord): ShardRecord => ({
    keyspace,
    name: shard,
    primaryAlias: alias,
    isPrimaryServing: true,
    tabletControls: [],
  });
  const shards = () =>
    tablets()
      .filter(({ type }) => type === "PRIMARY")
      .map(shardOf);
  const known: Partial<Topo> = {
    description: "etcd2 toy",
    global: { lockHolders: async () => locks } as unknown as Topo["global"],
    cells: async () => [...new Set(tablets().map(({ cell }) => cell))],
    cellAliases: async () => [],
    shards: async () => shards(),
    shard: async (_keyspace, name) => {
      const found = shards().find((shard) => shard.name === name);
      if (found === undefined) throw new NotFoundError(`no shard ${name}`);
      return found;
    },
    tablet: async (alias) => {
      const found = tablets().find((tablet) => tablet.alias === alias);
      if (found === undefined) throw new NotFoundError(`node doesn't exist: ${alias}`);
      return found;
    },
    tabletsOfShard: async (_keyspace, shard, cells) =>
      tablets().filter((tablet) => tablet.shard === shard && (cells === undefined || cells.includes(tablet.cell))),
    vschema: async (keyspace) => {
      if (!vschemas.has(keyspace)) throw new NotFoundError(`node doesn't exist: ${keyspace}`);
      return { contents: Buffer.alloc(0), version: "1" };
    },
    workflowRecord: async () => undefined,
    deleteWorkflowRecord: async () => {},
  };
  return known as Topo;
}
