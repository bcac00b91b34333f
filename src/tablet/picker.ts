import { AuthError, NotFoundError, UnreachableError, VtmigrateError } from "../errors.js";
import type { Topo } from "../topo/port.js";
import { decode } from "../wire/proto.js";
import type { Tablet, TabletClients, TabletRecord } from "./port.js";
import { canonicalType, parseTabletTypes, type TabletTypes } from "./types.js";

export interface PickRequest {
  keyspace: string;
  shard: string;
  /** Cells or cell aliases of the topology that is asked; all cells when absent or empty. */
  cells?: string[];
  /** "in_order:REPLICA,PRIMARY" or parsed. */
  tabletTypes: string | TabletTypes;
  signal?: AbortSignal;
  /** For the whole search, in milliseconds. */
  timeoutMs?: number;
}

const SEARCH_MS = 30_000;
const HEALTH_MS = 5_000;

/**
 * A tablet that serves the shard now: of a wanted type and cell by its record, and serving as that type by
 * its own StreamHealth answer (go/vt/discovery/tablet_picker.go, v22). Asks one tablet at a time, in the
 * order of the types where `in_order:` is given, else in random order.
 *
 * Errors: UsageError (unknown type), NotFoundError (no tablet of that type and cell), UnreachableError
 * (none of them serves), AuthError (and one of them let us not in), all naming each tablet that was turned down and
 * why; InterruptedError.
 */
export async function pickTablet(topo: Topo, tablets: TabletClients, request: PickRequest): Promise<Tablet> {
  const wanted = typeof request.tabletTypes === "string" ? parseTabletTypes(request.tabletTypes) : request.tabletTypes;
  const cells = await expandCells(topo, request.cells ?? []);
  const known = await topo.tabletsOfShard(request.keyspace, request.shard, cells.length > 0 ? cells : undefined);
  const candidates = inPreference(known, wanted);
  const rejected = known
    .filter((record) => !candidates.includes(record))
    .map((record) => `${record.alias} is ${typeName(record.type)}`);

  const endsAt = Date.now() + (request.timeoutMs ?? SEARCH_MS);
  let refusal: AuthError | undefined;
  for (const record of candidates) {
    const timeoutMs = Math.min(HEALTH_MS, endsAt - Date.now());
    if (timeoutMs <= 0) {
      rejected.push(`${record.alias} was not asked: the time was up`);
      continue;
    }
    const tablet = tablets.open(record);
    const reason = await whyNot(tablet, { timeoutMs, signal: request.signal });
    if (reason === undefined) return tablet;
    if (reason instanceof AuthError) refusal ??= reason;
    rejected.push(`${record.alias} ${typeof reason === "string" ? reason : silence(record, reason)}`);
  }

  const types = wanted.types.map(typeName).join(",");
  const where = `${request.keyspace}/${request.shard} in ${cells.length > 0 ? `cells ${cells.join(",")}` : "any cell"}`;
  const message = `no ${types} tablet to read from for ${where}: ${rejected.join("; ") || "there is no tablet"}`;
  if (refusal !== undefined) {
    throw new AuthError(message, { hint: refusal.hint, at: refusal.at, cause: refusal });
  }
  if (candidates.length > 0) throw new UnreachableError(message);
  throw new NotFoundError(message, { hint: `Topology: ${topo.description}.` });
}

/** Cell aliases (cells_aliases/<alias>/CellsAlias) replaced by their cells; other names stay. */
export async function expandCells(topo: Topo, names: string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const aliases = new Set(await topo.cellAliases());
  const expanded = await Promise.all(
    names.map(async (name) => {
      if (!aliases.has(name)) return [name];
      const file = await topo.global.get(`cells_aliases/${name}/CellsAlias`);
      return decode("topodata.CellsAlias", file.contents).cells;
    }),
  );
  return [...new Set(expanded.flat())];
}

function inPreference(records: TabletRecord[], wanted: TabletTypes): TabletRecord[] {
  const order: readonly string[] = wanted.types;
  const rank = (record: TabletRecord) => order.indexOf(canonicalType(record.type));
  const candidates = shuffled(records.filter((record) => rank(record) >= 0));
  return wanted.inOrder ? candidates.sort((a, b) => rank(a) - rank(b)) : candidates;
}

function shuffled<T>(items: T[]): T[] {
  return items
    .map((item) => ({ item, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

async function whyNot(
  tablet: Tablet,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<string | VtmigrateError | undefined> {
  const { record } = tablet;
  if (record.hostname === "") return "was shut down";
  try {
    const health = await tablet.health(options);
    if (canonicalType(health.type) !== canonicalType(record.type)) {
      return `is ${typeName(health.type)} now, not ${typeName(record.type)}`;
    }
    if (!health.serving) return `is not serving${health.error === "" ? "" : ` (${health.error})`}`;
    return undefined;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof VtmigrateError) return error;
    throw error;
  }
}

function silence({ grpcAddress }: TabletRecord, { message }: VtmigrateError): string {
  return `at ${grpcAddress} doesn't answer (${message})`;
}

function typeName(type: string | number): string {
  return canonicalType(type).toLowerCase();
}
