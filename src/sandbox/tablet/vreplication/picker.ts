/** Choosing the tablet that a stream reads from (go/vt/discovery/tablet_picker.go). */
import type { TabletSecurity } from "../../../net/security.js";
import { formatAlias, NoNodeError, type SandboxTopo } from "../../topo.js";
import { sleep } from "../gate.js";
import type { VersionProfile } from "../profiles.js";
import { SourceClient } from "./source.js";

type SourceType = "PRIMARY" | "REPLICA" | "RDONLY";

export interface SourceTablet {
  alias: { cell: string; uid: number };
  address: string;
  type: SourceType;
}

export interface TabletTypes {
  types: SourceType[];
  inOrder: boolean;
}

const ORDER_PREFIX = "in_order:";

/** Throws Error for words that the version doesn't know: v11 has no "primary" and no "in_order:". */
export function parseTabletTypes(text: string, { picker }: VersionProfile): TabletTypes {
  const inOrder = picker.inOrder && text.startsWith(ORDER_PREFIX);
  const words = (inOrder ? text.slice(ORDER_PREFIX.length) : text).split(",");
  return { types: words.flatMap((word) => tabletType(word, text, picker.primaryWords)), inOrder };
}

/** Types that no source has: known words, to no avail. */
const unserved = new Set(["unknown", "spare", "experimental", "backup", "restore", "drained"]);

/** In any case, but without blanks (topo/topoproto/tablet.go, ParseTabletType). */
function tabletType(word: string, text: string, primaryWords: readonly string[]): SourceType[] {
  const lower = word.toLowerCase();
  if (primaryWords.includes(lower)) return ["PRIMARY"];
  if (lower === "replica") return ["REPLICA"];
  if (lower === "rdonly" || lower === "batch") return ["RDONLY"];
  if (unserved.has(lower)) return [];
  throw new Error(`failed to parse list of tablet types: ${text}`);
}

export interface PickRequest {
  topo: SandboxTopo;
  keyspace: string;
  shard: string;
  /** As the stream names them; none means the tablet's own. */
  cells: string[];
  localCell: string;
  tabletTypes: TabletTypes;
  profile: VersionProfile;
  security: TabletSecurity;
  retryMs: number;
  /** After how many the search is given up; undefined: never. */
  rounds: number | undefined;
}

/**
 * Looks until it finds one. Without a candidate it sleeps and looks again, and says nothing; after the last round it
 * throws "context has expired". Rejects with the signal's reason.
 */
export async function pickTablet(request: PickRequest, signal: AbortSignal): Promise<SourceTablet> {
  const { rounds } = request;
  for (let round = 1; ; round++) {
    for (const candidate of ordered(await candidates(request), request.tabletTypes)) {
      if (!request.profile.picker.healthChecked || (await isServing(candidate, request.security, signal)))
        return candidate;
    }
    await sleep(request.retryMs, signal);
    if (rounds !== undefined && round >= rounds) throw new Error("context has expired");
  }
}

function ordered(tablets: SourceTablet[], { types, inOrder }: TabletTypes): SourceTablet[] {
  const shuffled = tablets
    .map((tablet) => ({ tablet, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ tablet }) => tablet);
  return inOrder ? shuffled.sort((a, b) => types.indexOf(a.type) - types.indexOf(b.type)) : shuffled;
}

async function candidates(request: PickRequest): Promise<SourceTablet[]> {
  const { topo, keyspace, shard, tabletTypes } = request;
  const { types } = tabletTypes;
  const shardPath = `keyspaces/${keyspace}/shards/${shard}`;
  // The only primary is named by the shard, wherever it is.
  if (types.length === 1 && types[0] === "PRIMARY") {
    const record = await optional(topo.get("topodata.Shard", `${shardPath}/Shard`));
    const alias = record?.primary_alias;
    return alias ? await tabletRecords(topo, [alias], types) : [];
  }
  const found: SourceTablet[] = [];
  for (const cell of await expandCells(request)) {
    const cellTopo = await optional(topo.cell(cell));
    const path = `${shardPath}/ShardReplication`;
    const replication = await optional(cellTopo?.get("topodata.ShardReplication", path));
    const aliases = (replication?.nodes ?? []).flatMap((node) => node.tablet_alias ?? []);
    found.push(...(await tabletRecords(topo, aliases, types)));
  }
  return found;
}

async function expandCells({ topo, cells, localCell, profile }: PickRequest): Promise<Set<string>> {
  const wanted = cells.length === 0 ? [localCell] : [...cells, ...(profile.picker.healthChecked ? [localCell] : [])];
  const expanded = await Promise.all(
    wanted.map(async (name) => {
      const alias = await optional(topo.get("topodata.CellsAlias", `cells_aliases/${name}/CellsAlias`));
      return alias?.cells ?? [name];
    }),
  );
  return new Set(expanded.flat());
}

async function tabletRecords(
  topo: SandboxTopo,
  aliases: { cell: string; uid: number }[],
  types: SourceType[],
): Promise<SourceTablet[]> {
  const found = await Promise.all(
    aliases.map(async (alias) => {
      const cell = await optional(topo.cell(alias.cell));
      const record = await optional(cell?.get("topodata.Tablet", `tablets/${formatAlias(alias)}/Tablet`));
      const type = types.find((wanted) => wanted === record?.type);
      if (record === undefined || type === undefined) return [];
      return [{ alias, type, address: `${record.hostname}:${record.port_map.grpc}` }];
    }),
  );
  return found.flat();
}

/** Records that aren't there are passed over. */
async function optional<T>(read: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}

async function isServing(tablet: SourceTablet, security: TabletSecurity, signal: AbortSignal): Promise<boolean> {
  const client = new SourceClient(tablet.address, security);
  try {
    const health = await client.health(signal);
    return (
      health?.serving === true && !health.realtime_stats?.health_error && health.target?.tablet_type === tablet.type
    );
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    client.close();
  }
}
