import type { Tls } from "../../net/security.js";
import { decode, type MessageOutput } from "../../wire/proto.js";
import { formatAlias, openSandboxTopo, type TopoAddress } from "../topo.js";
import { SqlError } from "./errors.js";
import { Mirror } from "./mirror.js";
import { Vschema } from "./vschema.js";

export type TabletTypeName = "PRIMARY" | "REPLICA" | "RDONLY";

export type TabletMessage = MessageOutput<"topodata.Tablet">;

export interface TabletAddress {
  alias: string;
  grpcAddress: string;
}

/**
 * The cluster as a vtgate of one cell sees it: its cell's SrvVSchema and SrvKeyspace, and the tablets of
 * every cell (a vtgate's --cells_to_watch).
 */
export class Topology {
  readonly #cell: string;
  readonly #cells = new Map<string, Mirror>();
  #vschema = new Vschema(undefined);

  private constructor(cell: string) {
    this.#cell = cell;
  }

  /** `address` is the global topology's. Rejects when the cell is unknown or an etcd doesn't answer. */
  static async open(cell: string, address: TopoAddress, tls?: Tls): Promise<Topology> {
    const topology = new Topology(cell);
    const global = openSandboxTopo(address, tls);
    try {
      for (const name of await global.list("cells")) {
        const info = await global.get("topodata.CellInfo", `cells/${name}/CellInfo`);
        const server = { server: info.server_address, root: info.root };
        const mirror = await Mirror.open(server, tls, (changed) => {
          if (name === cell && changed === "SrvVSchema") topology.#readVschema();
        });
        topology.#cells.set(name, mirror);
      }
      if (!topology.#cells.has(cell))
        throw new Error(`cell ${cell} has no CellInfo in ${address.server} ${address.root}`);
      topology.#readVschema();
    } catch (error) {
      topology.close();
      throw error;
    } finally {
      global.close();
    }
    return topology;
  }

  get vschema(): Vschema {
    return this.#vschema;
  }

  #readVschema(): void {
    this.#vschema = new Vschema(this.#cells.get(this.#cell)?.get("SrvVSchema"));
  }

  /** Shard names that serve a tablet type, from the cell's SrvKeyspace. */
  shards(keyspace: string, tabletType: TabletTypeName): string[] {
    const bytes = this.#cells.get(this.#cell)?.get(`keyspaces/${keyspace}/SrvKeyspace`);
    if (bytes === undefined) {
      throw new SqlError(
        1105,
        "HY000",
        `keyspace ${keyspace} fetch error: node doesn't exist: keyspaces/${keyspace}/SrvKeyspace`,
      );
    }
    const partitions = decode("topodata.SrvKeyspace", bytes).partitions;
    const partition = partitions.find((candidate) => candidate.served_type === tabletType);
    return partition?.shard_references.map((shard) => shard.name) ?? [];
  }

  /**
   * A tablet of the type. Of several primaries the one with the newest term, as during a failover; of
   * several replicas this cell's first.
   */
  tablet(keyspace: string, shard: string, tabletType: TabletTypeName): TabletAddress {
    const found = this.tablets()
      .filter((tablet) => tablet.keyspace === keyspace && tablet.shard === shard && tablet.type === tabletType)
      .sort((a, b) => termStart(b) - termStart(a) || this.#ownCell(b) - this.#ownCell(a));
    const tablet = found[0];
    if (tablet === undefined) {
      const target = `${keyspace}.${shard}.${tabletType.toLowerCase()}`;
      throw new SqlError(1105, "HY000", `target: ${target}: no healthy tablet available for '${target}'`);
    }
    return { alias: aliasOf(tablet), grpcAddress: `${tablet.hostname}:${tablet.port_map.grpc}` };
  }

  /** Every tablet record of every cell. */
  tablets(): TabletMessage[] {
    return [...this.#cells.values()].flatMap((mirror) =>
      mirror.below("tablets").map((bytes) => decode("topodata.Tablet", bytes)),
    );
  }

  #ownCell(tablet: TabletMessage): number {
    return Number(tablet.alias?.cell === this.#cell);
  }

  close(): void {
    for (const mirror of this.#cells.values()) mirror.close();
  }
}

function termStart(tablet: TabletMessage): number {
  const start = tablet.primary_term_start_time;
  return Number(start?.seconds ?? 0) + (start?.nanoseconds ?? 0) / 1e9;
}

export function aliasOf(tablet: TabletMessage): string {
  return tablet.alias === null ? "" : formatAlias(tablet.alias);
}
