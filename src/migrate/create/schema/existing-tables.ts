import { PreflightError } from "../../../errors.js";
import { compareTables } from "../../../schema/differences.js";
import { readTable, type TableParts } from "../../../schema/table.js";
import type { CallOptions, SchemaDefinition } from "../../../tablet/port.js";
import type { Target } from "../../../workflow/targets.js";
import { tablesWithRows } from "./filled-tables.js";
import { byPlaces, type Finding } from "./places.js";

export type TableDefinition = SchemaDefinition["table_definitions"][number];

/** A source table that is to be copied. */
export interface WantedTable {
  definition: TableDefinition;
  parts: TableParts;
}

/** What a target shard has already, before anything is created. */
export interface ShardTables {
  target: Target;
  /** Every table of the shard. */
  all: ReadonlySet<string>;
  /** Those of the wanted ones that are there. */
  existing: string[];
  filled: string[];
  /** "customer (lacks column email)" */
  different: string[];
  /** "customer lacks KEY `email` (`email`)": what the copy doesn't mind. */
  remarks: string[];
}

/** Looks at one target shard, in two round trips and one for each fifty tables that exist. */
export async function inspectShard(target: Target, wanted: WantedTable[], options: CallOptions): Promise<ShardTables> {
  const { table_definitions } = await target.primary.getSchema([], options);
  const there = new Map(table_definitions.map((definition) => [definition.name, definition.schema]));
  const existing = wanted.filter(({ definition }) => there.has(definition.name));
  const names = existing.map(({ definition }) => definition.name);
  const different: string[] = [];
  const remarks: string[] = [];
  for (const { definition, parts } of existing) {
    const { name } = definition;
    const schema = there.get(name);
    // The common case of many shards and tables, and no parsing.
    if (schema === undefined || schema === definition.schema) continue;
    const { structure, rest } = compareTables(parts, readTable(schema));
    if (structure.length > 0) different.push(`${name} (${structure.join("; ")})`);
    remarks.push(...rest.map((text) => `${name} ${text}`));
  }
  const filled = await tablesWithRows(target.primary, names, options);
  return { target, all: new Set(there.keys()), existing: names, filled, different, remarks };
}

/**
 * That the wanted tables which exist are empty and have the source's structure: rows copied into others would
 * collide with what is there (v22's validateEmptyTables; older vtctlds copy regardless). PreflightError that names
 * all tables of all shards that don't fit.
 */
export function requireFitting(shards: ShardTables[]): void {
  const filled = complaints(
    "tables that are not empty exist",
    findings(shards, (shard) => shard.filled),
  );
  const different = complaints(
    "tables of another structure exist",
    findings(shards, (shard) => shard.different),
  );
  if (filled.length + different.length === 0) return;
  throw new PreflightError([...filled, ...different].join("; "), {
    hint: [
      ...(filled.length > 0 ? ["Copying into tables with rows would mix them."] : []),
      ...(different.length > 0 ? ["Columns and primary keys must be the source's."] : []),
      "Drop or rename these tables, or leave them out with -exclude.",
    ].join(" "),
  });
}

/** Remarks about the shards' tables, each once, with the shards that it holds for. */
export function shardRemarks(shards: ShardTables[]): string[] {
  return byPlaces(findings(shards, (shard) => shard.remarks)).flatMap(({ places, texts }) =>
    texts.map((text) => `In target ${places}, ${text}`),
  );
}

function complaints(what: string, found: Finding[]): string[] {
  return byPlaces(found).map(({ places, texts }) => `${what} in target ${places}: ${texts.join(", ")}`);
}

function findings(shards: ShardTables[], texts: (shard: ShardTables) => string[]): Finding[] {
  return shards.flatMap((shard) => {
    const { keyspace, name } = shard.target.shard;
    return texts(shard).map((text) => ({ place: `${keyspace}/${name}`, text }));
  });
}
