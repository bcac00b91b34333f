import { type EtcdServer, startEtcd } from "../../../src/sandbox/etcd/server.js";
import { openSandboxTopo, type SandboxTopo } from "../../../src/sandbox/topo.js";
import { startVtgate, type Vtgate } from "../../../src/sandbox/vtgate/server.js";
import type { MessageInput } from "../../../src/wire/proto.js";
import { RecordingTablet } from "./recording-tablet.js";

/** One cell, keyspaces "commerce" (shard 0, a primary and a replica) and "orders" (-80, 80-), and a vtgate. */
export class TestCluster {
  readonly tablet = new RecordingTablet();
  #etcd: EtcdServer | undefined;
  #topo: SandboxTopo | undefined;
  #cell: SandboxTopo | undefined;
  #vtgate: Vtgate | undefined;

  get port(): number {
    return this.#vtgate?.port ?? 0;
  }

  async start(): Promise<void> {
    await this.tablet.start();
    this.#etcd = await startEtcd();
    const server = this.#etcd.endpoint;
    this.#topo = openSandboxTopo({ server, root: "/vitess/global" });
    await this.#topo.put("topodata.CellInfo", "cells/zx/CellInfo", { server_address: server, root: "/vitess/zx" });
    this.#cell = await this.#topo.cell("zx");
    await this.announce({ commerce: { tables: { customer: {} } }, orders: { sharded: true, tables: { corder: {} } } });
    await this.#shards("commerce", ["0"]);
    await this.#shards("orders", ["-80", "80-"]);
    await this.putTablet(1, "commerce", "0", "PRIMARY");
    await this.putTablet(2, "commerce", "0", "REPLICA");
    await this.putTablet(3, "orders", "-80", "PRIMARY");
    await this.putTablet(4, "orders", "80-", "PRIMARY");
    this.#vtgate = await startVtgate({ cell: "zx", topo: { server, root: "/vitess/global" } });
  }

  async announce(keyspaces: MessageInput<"vschema.SrvVSchema">["keyspaces"]): Promise<void> {
    await this.#cell?.put("vschema.SrvVSchema", "SrvVSchema", { keyspaces });
  }

  async putTablet(
    uid: number,
    keyspace: string,
    shard: string,
    type: "PRIMARY" | "REPLICA",
    port = this.tablet.port,
  ): Promise<void> {
    await this.#cell?.put("topodata.Tablet", `tablets/zx-${String(uid).padStart(10, "0")}/Tablet`, {
      alias: { cell: "zx", uid },
      hostname: "127.0.0.1",
      port_map: { grpc: port },
      keyspace,
      shard,
      type,
      ...(type === "PRIMARY" ? { primary_term_start_time: { seconds: 1_700_000_000 + uid } } : {}),
    });
  }

  async stop(): Promise<void> {
    await this.#vtgate?.close();
    this.#topo?.close();
    await this.#etcd?.close();
    this.tablet.stop();
  }

  async #shards(keyspace: string, names: string[]): Promise<void> {
    const shard_references = names.map((name) => ({ name }));
    await this.#cell?.put("topodata.SrvKeyspace", `keyspaces/${keyspace}/SrvKeyspace`, {
      partitions: (["PRIMARY", "REPLICA"] as const).map((served_type) => ({ served_type, shard_references })),
    });
  }
}
