import { PreflightError } from "../errors.js";
import type { Topo } from "../topo/port.js";
import { readVSchema } from "../topo/read-vschema.js";
import { ownEntry } from "../vschema/vindex-choice.js";
import type { Keyspace__Output } from "../wire/generated/vschema/Keyspace.js";
import { isFullKeyRange, type KeyRange, parseKeyRange } from "../wire/key-range.js";
import { decode } from "../wire/proto.js";

/** As `readVSchema`; one that was never written counts as empty, and unsharded. */
export async function readVSchemaOrEmpty(topo: Topo, keyspace: string): Promise<Keyspace__Output> {
  return (await readVSchema(topo, keyspace)) ?? decode("vschema.Keyspace", Buffer.alloc(0));
}

/** Whether a keyspace is sharded by its VSchema, and which of `tables` have no entry there. */
export async function inspectVSchema(
  topo: Topo,
  keyspace: string,
  tables: string[],
): Promise<{ sharded: boolean; missing: string[] }> {
  const vschema = await readVSchemaOrEmpty(topo, keyspace);
  return { sharded: vschema.sharded, missing: tables.filter((table) => ownEntry(vschema.tables, table) === undefined) };
}

/** What a shard's record says: src/topo/port.ts's ShardRecord. */
export interface NamedShard {
  name: string;
  isPrimaryServing: boolean;
}

/**
 * The target's VSchema, in agreement with its shards. Vitess fails where none was ever written ("node doesn't exist",
 * go/vt/topo/vschema.go, GetVSchema); for an unsharded keyspace an empty one says the same, and `note` tells of it.
 * PreflightError for a sharded keyspace without VSchema, and as `requireConsistentSharding`.
 */
export async function readTargetVSchema(
  topo: Topo,
  keyspace: string,
  shards: readonly NamedShard[],
): Promise<{ vschema: Keyspace__Output; note: string | undefined }> {
  const stored = await readVSchema(topo, keyspace);
  if (stored === undefined && isShardedByShards(keyspace, shards)) {
    throw new PreflightError(`keyspace ${keyspace} has shards ${namesOf(shards)} and no VSchema`, {
      hint: `Write one first, with "sharded": true, vindexes and the tables: vtmigrate ApplyVSchema -vschema_file <file> ${keyspace}`,
    });
  }
  if (stored === undefined) {
    const note = `Keyspace ${keyspace} has no VSchema: it counts as empty and unsharded, as after vtmigrate ApplyVSchema -vschema '{}' ${keyspace}`;
    return { vschema: decode("vschema.Keyspace", Buffer.alloc(0)), note };
  }
  requireConsistentSharding(keyspace, stored, shards);
  return { vschema: stored, note: undefined };
}

/**
 * Refuses a keyspace whose VSchema and shards contradict each other: PreflightError for a VSchema that says unsharded
 * over several shards or part of the key range. A sharded keyspace may have one shard for everything, "0" or "-".
 */
export function requireConsistentSharding(
  keyspace: string,
  vschema: Pick<Keyspace__Output, "sharded">,
  shards: readonly NamedShard[],
): void {
  if (vschema.sharded || !isShardedByShards(keyspace, shards)) return;
  throw new PreflightError(
    `the VSchema of ${keyspace} says that it is unsharded, but it has shards ${namesOf(serving(shards))}`,
    {
      hint: `Give it a VSchema with "sharded": true, vindexes and the tables: vtmigrate ApplyVSchema -vschema_file <file> ${keyspace}`,
    },
  );
}

/** Whether the shards that serve are several, or cover a part of the key range. PreflightError for names that are no key ranges. */
export function isShardedByShards(keyspace: string, shards: readonly NamedShard[]): boolean {
  const ranges = serving(shards).map(({ name }) => keyRangeOf(keyspace, name));
  return ranges.length > 1 || ranges.some((range) => !isFullKeyRange(range));
}

/** Shards on their way in or out of a keyspace don't serve; in one that doesn't serve at all, all of them count. */
function serving(shards: readonly NamedShard[]): readonly NamedShard[] {
  const some = shards.filter(({ isPrimaryServing }) => isPrimaryServing);
  return some.length > 0 ? some : shards;
}

function keyRangeOf(keyspace: string, shard: string): KeyRange {
  try {
    return parseKeyRange(shard);
  } catch (cause) {
    throw new PreflightError(`shard ${keyspace}/${shard} is no key range, and no name for a whole keyspace`, { cause });
  }
}

function namesOf(shards: readonly NamedShard[]): string {
  return shards.map(({ name }) => name).join(", ");
}
