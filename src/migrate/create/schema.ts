import { NotFoundError, PreflightError } from "../../errors.js";
import type { CallOptions, SchemaDefinition, Tablet } from "../../tablet/port.js";
import { quoteIdentifier } from "../../wire/sql.js";
import type { Target } from "../../workflow/targets.js";

type TableDefinition = SchemaDefinition["table_definitions"][number];

/** One target shard's part of the schema copy. */
export interface ShardSchema {
  target: Target;
  /** To be created, with the source's own CREATE TABLE. */
  missing: TableDefinition[];
  /** There already, and empty. */
  existing: string[];
}

/**
 * What each target shard lacks. Tables that exist must be empty and have the source's columns and primary
 * key: rows copied into others would collide with what is there (v22's validateEmptyTables; older vtctlds
 * copy regardless).
 *
 * PreflightError that lists the offending tables; NotFoundError for a table that the source hasn't.
 */
export async function inspectTargetSchema(
  targets: Target[],
  tables: string[],
  source: SchemaDefinition,
  options: CallOptions = {},
): Promise<ShardSchema[]> {
  const wanted = tables.map((table) => {
    const definition = source.table_definitions.find((candidate) => candidate.name === table);
    if (definition === undefined) throw new NotFoundError(`source table ${table} does not exist`);
    return definition;
  });
  return Promise.all(targets.map((target) => inspectShard(target, wanted, options)));
}

async function inspectShard(target: Target, wanted: TableDefinition[], options: CallOptions): Promise<ShardSchema> {
  const { primary, shard } = target;
  const there = (await primary.getSchema([], options)).table_definitions;
  const find = (name: string) => there.find((definition) => definition.name === name);
  const existing = wanted.filter((definition) => find(definition.name) !== undefined);
  const place = `${shard.keyspace}/${shard.name}`;

  const different = existing.filter((definition) => !sameShape(definition, find(definition.name)));
  if (different.length > 0) {
    const names = different.map((definition) => definition.name).join(", ");
    throw new PreflightError(`tables of another structure exist in target ${place}: ${names}`, {
      hint: "Columns and primary keys must be the source's. Rename or drop these tables, or leave them out with -exclude.",
    });
  }
  const filled = await withRows(primary, existing, options);
  if (filled.length > 0) {
    throw new PreflightError(`tables that are not empty exist in target ${place}: ${filled.join(", ")}`, {
      hint: "Copying into them would mix rows. Empty or drop them, or leave them out with -exclude.",
    });
  }
  return {
    target,
    missing: wanted.filter((definition) => find(definition.name) === undefined),
    existing: existing.map((definition) => definition.name),
  };
}

function sameShape(a: TableDefinition, b: TableDefinition | undefined): boolean {
  const shape = (definition: TableDefinition | undefined) =>
    JSON.stringify([definition?.columns, definition?.primary_key_columns]);
  return shape(a) === shape(b);
}

/** Of these tables those that exist and have rows. */
export async function filledTables(tablet: Tablet, names: string[], options: CallOptions): Promise<string[]> {
  const there = (await tablet.getSchema([], options)).table_definitions;
  return withRows(
    tablet,
    there.filter(({ name }) => names.includes(name)),
    options,
  );
}

async function withRows(tablet: Tablet, tables: TableDefinition[], options: CallOptions): Promise<string[]> {
  const filled: string[] = [];
  for (const { name } of tables) {
    if (await hasRows(tablet, name, options)) filled.push(name);
  }
  return filled;
}

async function hasRows(tablet: Tablet, table: string, options: CallOptions): Promise<boolean> {
  const name = `${quoteIdentifier(tablet.record.dbName)}.${quoteIdentifier(table)}`;
  const result = await tablet.executeFetchAsDba(`select 1 from ${name} limit 1`, { ...options, maxRows: 1 });
  return result.rows.length > 0;
}

/** Off for the script's own connection, so that children may come before their parents. */
const NO_FOREIGN_KEY_CHECKS = "SET foreign_key_checks=0";

/** The script of ApplySchema that creates tables, each with the source's own text. */
export function createScript(tables: TableDefinition[]): string {
  return [NO_FOREIGN_KEY_CHECKS, ...tables.map((table) => table.schema)].join(";\n");
}

/**
 * The script that drops tables of a tablet's database. Names it, so that at an address that has meanwhile
 * gone to a tablet of another database nothing is dropped.
 */
export function dropScript(dbName: string, tables: string[]): string {
  const database = quoteIdentifier(dbName);
  const drops = tables.map((table) => `drop table if exists ${database}.${quoteIdentifier(table)}`);
  return [NO_FOREIGN_KEY_CHECKS, ...drops].join(";\n");
}
