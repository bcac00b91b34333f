/** Records every key of a cluster's etcd, in the format of test/fixtures/recordings/topo-*.json. */
import { decode, type MessageName } from "../../../src/wire/proto.js";
import type { Side } from "../../contract/tablet/place.js";
import type { VitessLab } from "../lab.js";
import { readable } from "./readable.js";

/** By the last name of their keys. */
const MESSAGES: Record<string, MessageName> = {
  CellInfo: "topodata.CellInfo",
  Keyspace: "topodata.Keyspace",
  Shard: "topodata.Shard",
  ShardReplication: "topodata.ShardReplication",
  SrvKeyspace: "topodata.SrvKeyspace",
  SrvVSchema: "vschema.SrvVSchema",
  Tablet: "topodata.Tablet",
  VSchema: "vschema.Keyspace",
};

export async function recordTopo(lab: VitessLab, side: Side): Promise<string> {
  const keys = await lab.keys(side);
  const recorded = keys.map(({ key, value, revision }) => {
    const message = key.includes("/ExternalClusters/")
      ? "topodata.ExternalVitessCluster"
      : (MESSAGES[key.split("/").at(-1) ?? ""] ?? null);
    const decoded = message === null ? null : (readable(decode(message, value)) ?? {});
    return { key, message, value_base64: value.toString("base64"), decoded, mod_revision: Number(revision) };
  });
  return `${JSON.stringify(recorded, null, 1)}\n`;
}
