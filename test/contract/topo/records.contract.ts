import { expect, test } from "vitest";
import { ConflictError, FailedError, NotFoundError, UnreachableError, UsageError } from "../../../src/errors.js";
import { startEtcd } from "../../../src/sandbox/etcd/server.js";
import { openTopo } from "../../../src/topo/topo.js";
import { encode, type MessageInput } from "../../../src/wire/proto.js";
import type { Place } from "./place.js";

const SHARD = "global/keyspaces/commerce/shards/0/Shard";

/** Field 99, of no version: bytes "new". */
const UNKNOWN = Buffer.from([0x9a, 0x06, 0x03, 0x6e, 0x65, 0x77]);

/** Cells, keyspaces, shards, tablets, mounts and our own records. */
export function recordsContract(place: () => Place): void {
  const putTablet = (cell: string, uid: number, more: MessageInput<"topodata.Tablet"> = {}) => {
    const alias = { cell, uid };
    const tablet = { alias, hostname: "h", port_map: { grpc: 15999, vt: 15000 }, keyspace: "commerce", shard: "0" };
    const name = `${cell}-${String(uid).padStart(10, "0")}`;
    return place().put(`${cell}/tablets/${name}/Tablet`, encode("topodata.Tablet", { ...tablet, ...more }));
  };

  const putReplication = (cell: string, ...uids: number[]) => {
    const nodes = uids.map((uid) => ({ tablet_alias: { cell, uid } }));
    const bytes = encode("topodata.ShardReplication", { nodes });
    return place().put(`${cell}/keyspaces/commerce/shards/0/ShardReplication`, bytes);
  };

  test("cells, their servers and their aliases", async () => {
    const topo = await place().topo();
    expect(await topo.cells()).toEqual([]);
    await place().addCell("zone1");
    await place().addCell("zone2", "127.0.0.1:1");
    await place().put("global/cells_aliases/near/CellsAlias", encode("topodata.CellsAlias", { cells: ["zone1"] }));
    expect(await topo.cells()).toEqual(["zone1", "zone2"]);
    expect(await topo.cellAliases()).toEqual(["near"]);
    expect(await topo.cellInfo("zone2")).toEqual({ serverAddress: "127.0.0.1:1", root: `${place().root}/zone2` });
    await expect(topo.cellInfo("zone3")).rejects.toThrow(NotFoundError);
    await expect(topo.cell("zone3")).rejects.toThrow(`node doesn't exist: ${place().globalRoot}/cells/zone3/CellInfo`);
    expect(await topo.cell("zone1")).toBe(await topo.cell("zone1"));
  });

  test("a cell's new address is used from the next call on", async () => {
    const topo = await place().topo();
    await place().addCell("zone1", "127.0.0.1:1");
    await expect(topo.cell("zone1")).rejects.toThrow(UnreachableError);
    await place().addCell("zone1");
    await place().put("zone1/SrvVSchema", "x");
    expect((await topo.srvVSchema("zone1")).toString()).toBe("x");
  });

  test("keyspaces and shards, with the sidecar's default name", async () => {
    const topo = await place().topo();
    expect(await topo.keyspaces()).toEqual([]);
    await place().put("global/keyspaces/commerce/Keyspace", "");
    await place().put("global/keyspaces/named/Keyspace", encode("topodata.Keyspace", { sidecar_db_name: "_side" }));
    const primary_alias = { cell: "zone1", uid: 100 };
    const shard = encode("topodata.Shard", { primary_alias, is_primary_serving: true });
    await place().put("global/keyspaces/commerce/shards/80-/Shard", shard);
    await place().put("global/keyspaces/commerce/shards/-80/Shard", "");
    await place().put("global/keyspaces/commerce/shards/-80/locks/12", "{}");
    expect(await topo.keyspaces()).toEqual(["commerce", "named"]);
    expect(await topo.keyspace("commerce")).toEqual({ name: "commerce", sidecarDbName: "_vt" });
    expect(await topo.keyspace("named")).toEqual({ name: "named", sidecarDbName: "_side" });
    await expect(topo.keyspace("x")).rejects.toThrow(`node doesn't exist: ${place().globalRoot}/keyspaces/x/Keyspace`);
    const shards = await topo.shards("commerce");
    expect(shards.map((record) => [record.name, record.primaryAlias, record.isPrimaryServing])).toEqual([
      ["-80", undefined, false],
      ["80-", "zone1-0000000100", true],
    ]);
    expect(await topo.shard("commerce", "80-")).toEqual(shards[1]);
    expect(await topo.shards("named")).toEqual([]);
    await expect(topo.shard("commerce", "0")).rejects.toThrow(NotFoundError);
  });

  test("names that would climb out of their directory are refused", async () => {
    const topo = await place().topo();
    await expect(topo.keyspace("../../x")).rejects.toThrow(UsageError);
    await expect(topo.vschema("..")).rejects.toThrow(UsageError);
    await expect(topo.saveVSchema("a/b", Buffer.alloc(0), undefined)).rejects.toThrow(UsageError);
    await expect(topo.mount("a/b")).rejects.toThrow(UsageError);
    await expect(topo.workflowRecord("commerce", "")).rejects.toThrow(UsageError);
  });

  test("bytes that are no record are named by their file", async () => {
    const topo = await place().topo();
    await place().put("global/keyspaces/commerce/Keyspace", Buffer.from([0x0a, 0x7f]));
    await place().put("global/keyspaces/commerce/VSchema", Buffer.from([0x0a, 0x7f]));
    const failure = topo.keyspace("commerce");
    await expect(failure).rejects.toThrow(FailedError);
    await expect(failure).rejects.toThrow("the topology's keyspaces/commerce/Keyspace can't be read");
    await expect(topo.addVSchemaTables("commerce", ["t"])).rejects.toThrow("keyspaces/commerce/VSchema can't be read");
  });

  test("tablets: address, database and type", async () => {
    await place().addCell("zone1");
    await putTablet("zone1", 100, { type: "PRIMARY" });
    await putTablet("zone1", 101, { type: "RDONLY", hostname: "fe80::1", db_name_override: "other" });
    await putTablet("zone1", 102, { port_map: { vt: 1 } });
    const topo = await place().topo();
    expect(await topo.tablet("zone1-100")).toEqual({
      mount: "",
      alias: "zone1-0000000100",
      cell: "zone1",
      uid: 100,
      keyspace: "commerce",
      shard: "0",
      type: "PRIMARY",
      hostname: "h",
      grpcAddress: "h:15999",
      dbName: "vt_commerce",
    });
    const second = await topo.tablet("zone1-0000000101");
    expect(second).toMatchObject({ type: "RDONLY", grpcAddress: "[fe80::1]:15999", dbName: "other" });
    expect((await topo.tablet("zone1-102")).grpcAddress).toBe("h:0");
    await expect(topo.tablet("zone1-103")).rejects.toThrow("/zone1/tablets/zone1-0000000103/Tablet");
    await expect(topo.tablet("zone1")).rejects.toThrow("invalid tablet alias: 'zone1'");
  });

  test("a shard's tablets, without those that are gone and without a cell that is down", async () => {
    await place().addCell("zone1");
    await place().addCell("zone2");
    await place().addCell("down", "127.0.0.1:1");
    await putTablet("zone1", 100);
    await putTablet("zone2", 200);
    await putReplication("zone1", 100, 101);
    await putReplication("zone2", 200);
    const left: string[] = [];
    const topo = await place().topo({ onUnreachableCell: (cell) => left.push(cell) });
    const aliases = async (cells?: string[]) =>
      (await topo.tabletsOfShard("commerce", "0", cells)).map((tablet) => tablet.alias);
    expect(await aliases()).toEqual(["zone1-0000000100", "zone2-0000000200"]);
    expect(left).toEqual(["down"]);
    expect(await aliases(["zone2"])).toEqual(["zone2-0000000200"]);
    expect(await topo.tabletsOfShard("commerce", "1")).toEqual([]);
    await expect(aliases(["down"])).rejects.toThrow(UnreachableError);
    await expect(aliases(["nowhere"])).rejects.toThrow(NotFoundError);
  });

  test("removing denied tables keeps what else the shard says", async () => {
    const topo = await place().topo();
    const shard = (primary: string[]) =>
      encode("topodata.Shard", {
        primary_alias: { cell: "zone1", uid: 100 },
        tablet_controls: [
          { tablet_type: "REPLICA", denied_tables: ["t1"] },
          ...(primary.length > 0 ? [{ tablet_type: "PRIMARY" as const, denied_tables: primary }] : []),
        ],
        is_primary_serving: true,
      });
    await place().put(SHARD, Buffer.concat([shard(["t1", "t2", "t3"]), UNKNOWN]));
    expect(await topo.removeDeniedTables("commerce", "0", ["t1", "t3", "other"])).toBe(true);
    expect(await place().read(SHARD)).toEqual(Buffer.concat([shard(["t2"]), UNKNOWN]));
    expect(await topo.removeDeniedTables("commerce", "0", ["t1"])).toBe(false);
    expect(await topo.removeDeniedTables("commerce", "0", ["t2"])).toBe(true);
    expect(await place().read(SHARD)).toEqual(Buffer.concat([shard([]), UNKNOWN]));
    expect((await topo.shard("commerce", "0")).tabletControls).toMatchObject([
      { tablet_type: "REPLICA", denied_tables: ["t1"] },
    ]);
    await expect(topo.removeDeniedTables("commerce", "1", ["t1"])).rejects.toThrow(NotFoundError);
  });

  test("a control that says more than which tables are denied stays", async () => {
    const topo = await place().topo();
    const control = (denied_tables: string[]) => ({ tablet_type: "PRIMARY" as const, denied_tables, frozen: true });
    await place().put(SHARD, encode("topodata.Shard", { tablet_controls: [control(["t1"])] }));
    await topo.removeDeniedTables("commerce", "0", ["t1"]);
    expect(await place().read(SHARD)).toEqual(encode("topodata.Shard", { tablet_controls: [control([])] }));
  });

  test("mounts are recorded as Vitess records them, and once only", async () => {
    const topo = await place().topo();
    const config = { type: "etcd2", server: "localhost:12379", root: "/vitess/global" };
    expect(await topo.mounts()).toEqual([]);
    await topo.createMount("ext1", config);
    // recordings/topo-target-v22.0.3.json
    const recorded = "CigKBWV0Y2QyEg9sb2NhbGhvc3Q6MTIzNzkaDi92aXRlc3MvZ2xvYmFs";
    expect((await place().read("global/ExternalClusters/vitess/ext1"))?.toString("base64")).toBe(recorded);
    expect(await topo.mount("ext1")).toEqual(config);
    const again = topo.createMount("ext1", { ...config, root: "/other" });
    await expect(again).rejects.toThrow(ConflictError);
    await expect(again).rejects.toThrow("there is already a vitess cluster named ext1");
    expect(await topo.mounts()).toEqual(["ext1"]);
    await topo.deleteMount("ext1");
    for (const use of [() => topo.mount("ext1"), () => topo.deleteMount("ext1")]) {
      await expect(use()).rejects.toThrow(NotFoundError);
      await expect(use()).rejects.toThrow("there is no vitess cluster named ext1");
    }
    await expect(topo.openMount("ext1")).rejects.toThrow("no vitess cluster found with name ext1");
  });

  test("a mount is opened once, by the implementation that its record names", async () => {
    const topo = await place().topo();
    const root = `${place().root}/source`;
    await topo.createMount("ext1", { type: "etcd2", server: place().server, root });
    await topo.createMount("zk", { type: "zk2", server: "zk:2181", root });
    await topo.createMount("keeper", { type: "zookeeper", server: "zk:2181", root });
    await topo.createMount("odd", { type: "etcd3", server: "e:2379", root });
    await place().put("source/keyspaces/theirs/Keyspace", "");
    const mounted = await topo.openMount("ext1");
    expect(await topo.openMount("ext1")).toBe(mounted);
    expect(await mounted.keyspaces()).toEqual(["theirs"]);
    expect(mounted.description).toBe(`etcd2 ${place().server} ${root}`);
    for (const name of ["zk", "keeper"]) {
      await expect(topo.openMount(name)).rejects.toThrow(UsageError);
      await expect(topo.openMount(name)).rejects.toThrow("vtmigrate reads etcd2 topologies only");
    }
    await expect(topo.openMount("odd")).rejects.toThrow("no such topology implementation etcd3");
  });

  test("which topology it is, whatever it is called", async () => {
    const topo = await place().topo();
    const identity = await topo.global.identity();
    expect(identity).toEqual({ clusterId: expect.stringMatching(/^\d+$/), root: place().globalRoot });
    const spelled = await openTopo({ type: "etcd2", server: place().server, root: `${place().globalRoot}//` });
    expect(await spelled.global.identity()).toEqual(identity);
    spelled.close();
    const others = await startEtcd();
    const other = await openTopo({ type: "etcd2", server: others.endpoint, root: place().globalRoot });
    expect((await other.global.identity()).clusterId).not.toBe(identity.clusterId);
    other.close();
    await others.close();
  });

  test("a mount that leads back to its own topology, and none that doesn't", async () => {
    const topo = await place().topo();
    const config = { type: "etcd2", server: place().server, root: `${place().globalRoot}/` };
    await topo.createMount("self", config);
    await topo.createMount("beside", { ...config, root: `${place().root}/source` });
    expect(await topo.mountsItself("self")).toBe(true);
    expect(await topo.mountsItself("beside")).toBe(false);
    await expect(topo.mountsItself("nowhere")).rejects.toThrow(NotFoundError);
  });

  test("a workflow's record is created once, and then swapped by version", async () => {
    const topo = await place().topo();
    expect(await topo.workflowRecord("commerce", "wf")).toBeUndefined();
    const first = await topo.saveWorkflowRecord("commerce", "wf", '{"é":1}', undefined);
    expect(await topo.workflowRecord("commerce", "wf")).toEqual({ contents: '{"é":1}', version: first });
    expect(await topo.global.listDir("vtmigrate/commerce")).toEqual(["wf"]);
    await expect(topo.saveWorkflowRecord("commerce", "wf", "{}", undefined)).rejects.toThrow(ConflictError);
    await topo.saveWorkflowRecord("commerce", "wf", "{}", first);
    await expect(topo.saveWorkflowRecord("commerce", "wf", "{}", first)).rejects.toThrow(ConflictError);
    await topo.deleteWorkflowRecord("commerce", "wf");
    await topo.deleteWorkflowRecord("commerce", "wf");
    expect(await topo.workflowRecord("commerce", "wf")).toBeUndefined();
  });

  test("the keyspace's lock and a named lock are where Vitess v22 has them", async () => {
    const topo = await place().topo();
    await place().put("global/keyspaces/commerce/Keyspace", "");
    const named = await topo.lockName("commerce/wf", { action: "Create", timeoutMs: 1_000 });
    const keyspace = await topo.lockKeyspace("commerce", { action: "Create", timeoutMs: 1_000 });
    const keys = await topo.global.list("");
    expect(keys.map((file) => file.path.replace(/\d{6,}/, "<lease>"))).toEqual([
      "internal/named_locks/commerce/wf/locks/<lease>",
      "keyspaces/commerce/Keyspace",
      "keyspaces/commerce/locks/<lease>",
    ]);
    await keyspace.release();
    await named.release();
    expect((await topo.global.list("")).length).toBe(1);
  });
}
