import { PreflightError } from "../../../errors.js";
import type { FilterRule } from "../../../wire/binlog-source.js";
import {
  formatKeyRange,
  isFullKeyRange,
  type KeyRange,
  keyRangesIntersect,
  parseKeyRange,
} from "../../../wire/key-range.js";
import { type PairingInput, planRoutes, type Side, type TableRoute } from "./table-routes.js";

export type { MovedTable, PairingInput, Side } from "./table-routes.js";

/** A stream: from which shard to which, and what of each table. Pairs of one target share their rules. */
export interface Pair {
  target: string;
  source: string;
  rules: FilterRule[];
}

/**
 * The streams that bring each row to its shard, once. Where every table is sharded alike on both sides, a target shard
 * reads only source shards whose key ranges intersect its own; else, and if a side is unsharded, every target shard
 * reads every source shard (go/vt/vtctl/workflow/materializer.go, filterSourceShards, v18). Every stream has a rule for
 * every table: vtctld refuses workflows whose table lists differ.
 *
 * PreflightError: tables without a usable vindex, vindexes that the source can't resolve, columns that the source
 * hasn't, shards that overlap or leave gaps, a part of the shards where the sharding differs.
 */
export function planPairs(input: PairingInput, options: { partial: boolean } = { partial: false }): Pair[] {
  const { source, target } = input;
  const sources = readShards(source);
  const targets = readShards(target);
  requireDisjoint(`source keyspace ${source.keyspace}`, sources);
  requireDisjoint(`target keyspace ${target.keyspace}`, targets);
  const complete = isComplete(sources);
  if (!options.partial) {
    if (!complete) throw refuseGap("source", source);
    if (!isComplete(targets)) throw refuseGap("target", target);
  }
  if (!target.vschema.sharded && targets.length > 1) {
    throw new PreflightError(
      `target keyspace ${target.keyspace} has ${targets.length} shards, and its VSchema is unsharded`,
      { hint: `Say "sharded": true in its VSchema, with vindexes for the tables: ApplyVSchema.` },
    );
  }
  const routes = planRoutes(
    input,
    targets.some(({ range }) => !isFullKeyRange(range)),
  );
  const bothSharded = source.vschema.sharded && target.vschema.sharded;
  const moving = routes.filter((route) => !route.sameSharding);
  if (!complete && (!bothSharded || moving.length > 0)) throw refusePartial(input, moving);
  const intersecting = bothSharded && moving.length === 0;
  return targets.flatMap((each, index) => {
    const feeding = intersecting ? sources.filter(({ range }) => keyRangesIntersect(range, each.range)) : sources;
    return pairsOf(each, feeding, routes, index);
  });
}

interface NamedRange {
  shard: string;
  range: KeyRange;
}

/**
 * Reference tables of a sharded source come from one of the paired shards and not at all from the others: each shard
 * has all their rows, and from one they come in the order in which they were written. Which one it is goes round, so
 * that no source shard has to feed all targets.
 */
function pairsOf(target: NamedRange, feeding: NamedRange[], routes: TableRoute[], turn: number): Pair[] {
  const keyRange = isFullKeyRange(target.range) ? undefined : formatKeyRange(target.range);
  const rules = routes.map(({ whole, byRange }) =>
    byRange === undefined || keyRange === undefined ? whole : byRange(keyRange),
  );
  const feeder = feeding[turn % feeding.length];
  const spared = feeding.length > 1 && routes.some(({ none }) => none !== undefined);
  const others = spared ? rules.map((rule, index) => routes[index]?.none ?? rule) : rules;
  return feeding.map((source) => ({
    target: target.shard,
    source: source.shard,
    rules: source === feeder ? rules : others,
  }));
}

function readShards({ keyspace, shards }: Side): NamedRange[] {
  return shards.map((shard) => {
    try {
      return { shard, range: parseKeyRange(shard) };
    } catch (cause) {
      throw new PreflightError(`shard ${keyspace}/${shard} is not named after a key range`, { cause });
    }
  });
}

function requireDisjoint(keyspace: string, shards: NamedRange[]): void {
  for (const [index, one] of shards.entries()) {
    const other = shards.slice(index + 1).find(({ range }) => keyRangesIntersect(one.range, range));
    if (other === undefined) continue;
    throw new PreflightError(`shards ${one.shard} and ${other.shard} of ${keyspace} overlap`, {
      hint: "Rows would be copied twice. Is a Reshard under way? Finish it first.",
    });
  }
}

function refuseGap(which: string, { keyspace, shards }: Side): PreflightError {
  return new PreflightError(
    `shards ${shards.join(", ")} of ${which} keyspace ${keyspace} leave a part of the key range out`,
    {
      hint: "Rows would be missing. To copy some shards only, name them: -source_shards.",
    },
  );
}

/** Whether disjoint ranges leave nothing out. Trailing zero bytes of a bound mean nothing. */
function isComplete(shards: NamedRange[]): boolean {
  const bound = (bytes: Buffer) => bytes.toString("hex").replace(/(00)+$/, "");
  const starts = new Set(shards.map(({ range }) => bound(range.start)));
  const ends = shards.map(({ range }) => bound(range.end));
  return starts.has("") && ends.includes("") && ends.every((end) => end === "" || starts.has(end));
}

function refusePartial({ source, target }: PairingInput, moving: TableRoute[]): PreflightError {
  const tables = moving.map(({ table }) => table).join(", ");
  return new PreflightError(
    `a part of the shards can be migrated only where both sides are sharded alike, and these tables aren't: ${tables}`,
    {
      hint: `Rows for ${target.keyspace}/${target.shards.join(",")} may lie in other shards of ${source.keyspace}. Migrate all shards, or leave these tables out with -exclude.`,
    },
  );
}
