/** Two clusters over real sockets: embedded etcds, toy tablets, and the context that commands are given. */

import type { Context } from "../../src/context.js";
import type { Progress, ProgressRow } from "../../src/io/io.js";
import { type EtcdServer, startEtcd } from "../../src/sandbox/etcd/server.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import type { TabletClients } from "../../src/tablet/port.js";
import type { Topo } from "../../src/topo/port.js";
import { openTopo } from "../../src/topo/topo.js";
import { encode, type MessageInput, type MessageName } from "../../src/wire/proto.js";
import { noAccess } from "./no-access.js";
import { ToyTablet } from "./toy-tablet.js";

const GLOBAL = "/vitess/global";

export interface ToyCluster {
  etcd: EtcdServer;
  topo: Topo;
  primary: ToyTablet;
}

export interface ToyClusters {
  source: ToyCluster;
  target: ToyCluster;
  ctx: Context;
  /** What was printed: notes and warnings as lines, the answer as one text. */
  notes: string[];
  answer: () => string;
  progress: ProgressRow[][];
  interrupt: AbortController;
  stop(): Promise<void>;
}

/**
 * A source in cell zx and a target in cell zone1, each with an unsharded keyspace `commerce` and one primary;
 * the target knows the source as mount ext1. The source has tables corder, customer and product.
 */
export async function startToyClusters(version: "v11" | "v22" = "v22"): Promise<ToyClusters> {
  const source = await startCluster("zx", version);
  const target = await startCluster("zone1", version);
  for (const name of ["corder", "customer", "product"]) source.primary.table(name, 5);
  await target.topo.createMount("ext1", { type: "etcd2", server: source.etcd.endpoint, root: GLOBAL });

  const tablets = createTabletClients();
  const interrupt = new AbortController();
  const notes: string[] = [];
  const written: string[] = [];
  const progress: ProgressRow[][] = [];
  const ctx = context(target.topo, tablets, interrupt.signal, { notes, written, progress });
  return {
    source,
    target,
    ctx,
    notes,
    answer: () => written.join(""),
    progress,
    interrupt,
    async stop() {
      tablets.close();
      for (const cluster of [source, target]) {
        cluster.primary.stop();
        cluster.topo.close();
        await cluster.etcd.close();
      }
    },
  };
}

/** What commands are given when they run in the test's own process; what they print goes to `out`. */
export function context(
  topo: Topo,
  tablets: TabletClients,
  signal: AbortSignal,
  out: { notes: string[]; written: string[]; progress: ProgressRow[][] },
): Context {
  const shown: Progress = { update: (rows) => out.progress.push(rows), done: () => {} };
  const silent = () => {};
  return {
    io: {
      print: (line) => out.written.push(`${line}\n`),
      write: (text) => out.written.push(text),
      note: (line) => out.notes.push(line),
      warn: (line) => out.notes.push(`Warning: ${line}`),
      confirm: async () => true,
      progress: () => shown,
    },
    log: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
    access: noAccess(),
    clock: {
      now: () => new Date(),
      // Polls are quick here: nothing needs a second to happen.
      sleep: async (_ms, aborted) => {
        aborted?.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, 5));
      },
    },
    signal,
    topo: async () => topo,
    tablets: () => tablets,
  };
}

async function startCluster(cell: string, version: "v11" | "v22"): Promise<ToyCluster> {
  const etcd = await startEtcd();
  const primary = new ToyTablet(version);
  await primary.start();
  const topo = await openTopo({ type: "etcd2", server: etcd.endpoint, root: GLOBAL });
  const alias = { cell, uid: 1 };
  const put = async <Name extends MessageName>(path: string, name: Name, value: MessageInput<Name>) =>
    void (await topo.global.create(path, encode(name, value)));
  await put(`cells/${cell}/CellInfo`, "topodata.CellInfo", { server_address: etcd.endpoint, root: `/vitess/${cell}` });
  await put("keyspaces/commerce/Keyspace", "topodata.Keyspace", {});
  await put("keyspaces/commerce/VSchema", "vschema.Keyspace", {});
  await put("keyspaces/commerce/shards/0/Shard", "topodata.Shard", { primary_alias: alias, is_primary_serving: true });
  const conn = await topo.cell(cell);
  const tablet = { alias, hostname: "127.0.0.1", port_map: { grpc: primary.port }, keyspace: "commerce", shard: "0" };
  const name = `${cell}-0000000001`;
  await conn.create(`tablets/${name}/Tablet`, encode("topodata.Tablet", { ...tablet, type: "PRIMARY" }));
  await conn.create(
    "keyspaces/commerce/shards/0/ShardReplication",
    encode("topodata.ShardReplication", { nodes: [{ tablet_alias: alias }] }),
  );
  return { etcd, topo, primary };
}
