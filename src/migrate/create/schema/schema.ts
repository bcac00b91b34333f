import { forEachAtOnce } from "../../../concurrency.js";
import { FailedError, NotFoundError } from "../../../errors.js";
import { creationOrder } from "../../../schema/creation-order.js";
import { withoutForeignKeys } from "../../../schema/foreign-keys.js";
import { hasRowIdentity, readTable, type TableParts } from "../../../schema/table.js";
import type { CallOptions, Tablet } from "../../../tablet/port.js";
import { quoteIdentifier } from "../../../wire/sql.js";
import { type Target, targetName } from "../../../workflow/targets.js";
import { requireCopyableNames } from "./copyable-names.js";
import {
  inspectShard,
  requireFitting,
  type ShardTables,
  shardRemarks,
  type TableDefinition,
  type WantedTable,
} from "./existing-tables.js";
import { missingParents } from "./missing-parents.js";

export interface SchemaRequest {
  /** Names, in any order. */
  tables: string[];
  /** What GetSchema says of the source. */
  source: TableDefinition[];
  /** Create tables without their FOREIGN KEY constraints. */
  dropForeignKeys: boolean;
}

/** One target shard's part of the schema copy. */
export interface ShardSchema {
  target: Target;
  /** To be created with the texts in `schema`, in this order: parents of foreign keys first. */
  missing: TableDefinition[];
  /** There already, and empty. */
  existing: string[];
}

export interface SchemaCopy {
  shards: ShardSchema[];
  /** What the user should hear of before the copy begins, a sentence each. */
  notes: string[];
}

/**
 * What each target shard lacks. Tables that exist must be empty and have the source's columns and primary key.
 *
 * PreflightError that lists the offending tables of all shards, or tables whose names no stream can copy;
 * NotFoundError for a table that the source hasn't.
 */
export async function inspectTargetSchema(
  targets: Target[],
  request: SchemaRequest,
  options: CallOptions = {},
): Promise<SchemaCopy> {
  requireCopyableNames(request.tables);
  const wanted = wantedTables(request);
  const found = await forEachAtOnce(targets, (target) => inspectShard(target, wanted, options));
  requireFitting(found);
  const shards = found.map(({ target, existing }) => {
    const there = new Set(existing);
    const missing = wanted.map(({ definition }) => definition).filter(({ name }) => !there.has(name));
    return { target, missing, existing };
  });
  return { shards, notes: notes(wanted, found) };
}

function wantedTables({ tables, source, dropForeignKeys }: SchemaRequest): WantedTable[] {
  const definitions = new Map(source.map((definition) => [definition.name, definition]));
  const wanted = new Map<string, WantedTable>();
  for (const table of tables) {
    const definition = definitions.get(table);
    if (definition === undefined) throw new NotFoundError(`source table ${table} does not exist`);
    const schema = dropForeignKeys ? withoutForeignKeys(definition.schema) : definition.schema;
    wanted.set(table, { definition: { ...definition, schema }, parts: readTable(schema) });
  }
  const foreignKeys = [...wanted].map(([name, { parts }]) => [name, parts.foreignKeys] as const);
  return creationOrder(new Map(foreignKeys)).flatMap((name) => wanted.get(name) ?? []);
}

function notes(wanted: WantedTable[], found: ShardTables[]): string[] {
  const keyless = keylessNote(wanted.map(({ definition, parts }) => ({ name: definition.name, parts })));
  return [...shardRemarks(found), ...missingParents(wanted, found), ...(keyless === undefined ? [] : [keyless])];
}

/** What follows from tables without a key, as a sentence that names them; undefined when each has one. */
export function keylessNote(tables: { name: string; parts: TableParts }[]): string | undefined {
  const keyless = tables.filter(({ parts }) => parts.columns.length > 0 && !hasRowIdentity(parts));
  if (keyless.length === 0) return undefined;
  const names = keyless.map(({ name }) => name).sort();
  return `No primary key and no unique key of NOT NULL columns: ${names.join(", ")}. Whole rows are compared to follow changes there, which is slow for large tables.`;
}

/**
 * Names and texts are UTF-8, whatever the tablet's client takes them for: v11 and v14 pipe the script into the mysql
 * client (go/vt/mysqlctl/mysqld.go, executeMysqlScript), and those of MariaDB and MySQL 5.7 say latin1. Zero dates and
 * zero values of AUTO_INCREMENT are the source's business; older tablets don't hear the request's sql_mode. Foreign keys
 * may go in a circle, or to a table that isn't there. All of it holds for the script's own connection.
 */
const PREAMBLE = ["SET NAMES utf8mb4", "SET sql_mode='NO_AUTO_VALUE_ON_ZERO'", "SET foreign_key_checks=0"];

/** The script of ApplySchema that creates tables, each with the source's own text. */
export function createScript(tables: TableDefinition[]): string {
  return [...PREAMBLE, ...tables.map((table) => table.schema)].join(";\n");
}

/**
 * That tables which were just created have the names that they were given: a stream passes over a table that its tablet
 * doesn't find (go/vt/vttablet/tabletmanager/vreplication/table_plan_builder.go), without a word. FailedError.
 */
export async function requireCreated(target: Target, names: string[], options: CallOptions): Promise<void> {
  const missing = await missingTables(target.primary, names, options);
  if (missing.length === 0) return;
  throw new FailedError(`${targetName(target)} created the tables and doesn't have them: ${missing.join(", ")}`, {
    hint: "Its MySQL may write names differently: see its lower_case_table_names.",
  });
}

/** Of these tables those that the tablet doesn't have by exactly that name. */
export async function missingTables(tablet: Tablet, names: string[], options: CallOptions): Promise<string[]> {
  const { table_definitions } = await tablet.getSchema(names, options);
  const there = new Set(table_definitions.map(({ name }) => name));
  return names.filter((name) => !there.has(name));
}

/**
 * The script that drops tables of a tablet's database. Names it, so that at an address that has meanwhile
 * gone to a tablet of another database nothing is dropped.
 */
export function dropScript(dbName: string, tables: string[]): string {
  const database = quoteIdentifier(dbName);
  const drops = tables.map((table) => `drop table if exists ${database}.${quoteIdentifier(table)}`);
  return [...PREAMBLE, ...drops].join(";\n");
}
