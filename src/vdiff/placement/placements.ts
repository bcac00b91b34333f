import type { Topo } from "../../topo/port.js";
import { readVSchema } from "../../topo/read-vschema.js";
import { bestColumnVindex, isReferenceTable, type KeyspaceVSchema, ownEntry } from "../../vschema/vindex-choice.js";
import { vindexTypes } from "../../vschema/vindex-types.js";
import { type KeyRange, keyRangeContains, parseKeyRange } from "../../wire/key-range.js";
import { type KeyspaceIdsFunction, keyspaceIdsFunction } from "../../wire/keyspace-id/many.js";
import type { PlannedColumn } from "../plan/table-columns.js";

/** By what it is told on which shard a row belongs. */
export interface PlacementRule {
  /** As reports name it: "ours (customer_id)". */
  vindex: string;
  /** Places of its columns among those that are compared. */
  columns: number[];
  idsOf: KeyspaceIdsFunction;
  shards: readonly TargetShard[];
}

export interface TargetShard {
  name: string;
  range: KeyRange;
}

export type TablePlacement =
  | { rule: PlacementRule; reason?: undefined; needless?: undefined }
  | {
      rule?: undefined;
      /** Why rows aren't checked. */
      reason: string;
      /** No row can lie on a wrong shard. */
      needless: boolean;
    };

/**
 * Which of a keyspace's shards each table's rows belong on: by the vindex that VReplication computes keyspace ids with,
 * as the keyspace's VSchema has it now, by which vtgates look for rows. Migrate's filters have named the same one.
 */
export class Placements {
  private constructor(
    private readonly keyspace: string,
    private readonly vschema: KeyspaceVSchema | undefined,
    private readonly shards: readonly TargetShard[],
    private readonly areRowsRead: boolean,
  ) {}

  /**
   * @param shards names of all shards of the keyspace
   * @param areRowsRead false where most rows are compared by checksums: then nothing is known of where they lie
   */
  static async read(
    topo: Topo,
    keyspace: string,
    shards: readonly string[],
    { areRowsRead }: { areRowsRead: boolean },
  ): Promise<Placements> {
    const vschema = shards.length > 1 ? await readVSchema(topo, keyspace) : undefined;
    return Placements.of(keyspace, vschema, shards, areRowsRead);
  }

  static of(
    keyspace: string,
    vschema: KeyspaceVSchema | undefined,
    shards: readonly string[],
    areRowsRead = true,
  ): Placements {
    const ranges = shards.length > 1 ? shards.map((name) => ({ name, range: parseKeyRange(name) })) : [];
    return new Placements(keyspace, vschema, ranges, areRowsRead);
  }

  /** @param columns those that are compared, as the target selects them */
  table(table: string, columns: readonly PlannedColumn[]): TablePlacement {
    const { keyspace, vschema, shards } = this;
    if (shards.length === 0) return { reason: `${keyspace} has one shard`, needless: true };
    if (vschema === undefined) return unchecked(`${keyspace} has no VSchema`);
    if (!vschema.sharded) return unchecked(`the VSchema of ${keyspace} says that it is unsharded`);
    if (isReferenceTable(vschema, table)) {
      return { reason: "a reference table, which every shard has whole", needless: true };
    }
    if (!this.areRowsRead) return unchecked("that takes -full");
    const { found, reason, problem } = bestColumnVindex(vschema, table);
    if (reason === "pinned") return this.pinned(ownEntry(vschema.tables, table)?.pinned ?? "");
    if (found === undefined) return unchecked(lookupsOnly(vschema, table) ?? problem);
    const idsOf = keyspaceIdsFunction(found.type, { ...found.params });
    if (idsOf === undefined)
      return unchecked(`keyspace ids of vindex ${found.name} (${found.type}) aren't computed here`);
    const places = found.columns.map((name) => columnPlace(columns, name));
    const unread = found.columns.filter((_, i) => places[i] === -1);
    if (unread.length > 0) return unchecked(`${unread.join(", ")} of vindex ${found.name} is not compared`);
    if (places.some((place) => columns[place]?.zoned)) {
      return unchecked(`vindex ${found.name} takes times, which are read in the source's time zone`);
    }
    return { rule: { vindex: `${found.name} (${found.columns.join(", ")})`, columns: places, idsOf, shards } };
  }

  /** To the shard of one keyspace id, in hexadecimal (go/vt/vtgate/vindexes/vschema.go, buildTables). */
  private pinned(to: string): TablePlacement {
    const id = Buffer.from(to, "hex");
    return {
      rule: { vindex: `pinned to ${to}`, columns: [], idsOf: (rows) => rows.map(() => id), shards: this.shards },
    };
  }
}

/** The name of the shard whose rows have this keyspace id. */
export function shardOf(id: Buffer, shards: readonly TargetShard[]): string | undefined {
  return shards.find(({ range }) => keyRangeContains(range, id))?.name;
}

function unchecked(reason: string): TablePlacement {
  return { reason, needless: false };
}

/** Vitess has no sentence for these: it passes over them silently. */
function lookupsOnly(vschema: KeyspaceVSchema, table: string): string | undefined {
  const vindexes = ownEntry(vschema.tables, table)?.column_vindexes ?? [];
  const lookups = vindexes.filter(({ name }) => vindexTypes.get(ownEntry(vschema.vindexes, name)?.type ?? "")?.lookup);
  if (lookups.length === 0 || lookups.length < vindexes.length) return undefined;
  return `rows are found by lookup only: ${lookups.map(({ name }) => name).join(", ")}`;
}

/** Column names don't know upper from lower case. */
function columnPlace(columns: readonly PlannedColumn[], name: string): number {
  return columns.findIndex((column) => column.name.toLowerCase() === name.toLowerCase());
}
