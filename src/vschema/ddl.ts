import { ConflictError, FailedError, NotFoundError, UsageError } from "../errors.js";
import type { AutoIncrement } from "../wire/generated/vschema/AutoIncrement.js";
import type { Keyspace } from "../wire/generated/vschema/Keyspace.js";
import type { Table } from "../wire/generated/vschema/Table.js";
import { parseVSchemaDdl, type VindexSpec, type VSchemaStatement } from "./ddl-parse.js";

/**
 * The VSchema after one `alter vschema` statement (Vitess v22.0.3, go/vt/topotools/vschema_ddl.go); the
 * given one is left as it is. UsageError for what is no such statement; ConflictError, NotFoundError and
 * FailedError with Vitess's sentences.
 */
export function applyVSchemaDdl(keyspace: string, before: Keyspace, sql: string): Keyspace {
  const statement = parseVSchemaDdl(sql);
  if (statement.keyspace !== undefined && statement.keyspace !== keyspace) {
    throw new UsageError(`the statement names keyspace ${statement.keyspace}, the command ${keyspace}`);
  }
  const vschema: Keyspace = {
    ...before,
    vindexes: { ...before.vindexes },
    tables: { ...before.tables },
  };
  change({ keyspace, vschema, vindexes: vschema.vindexes ?? {}, tables: vschema.tables ?? {} }, statement);
  return vschema;
}

interface Target {
  keyspace: string;
  vschema: Keyspace;
  vindexes: NonNullable<Keyspace["vindexes"]>;
  tables: NonNullable<Keyspace["tables"]>;
}

function change(target: Target, statement: VSchemaStatement): void {
  const { keyspace, vindexes } = target;
  switch (statement.action) {
    case "create vindex":
      if (Object.hasOwn(vindexes, statement.name)) {
        throw new ConflictError(`vindex ${statement.name} already exists in keyspace ${keyspace}`);
      }
      declareVindex(target, statement);
      return;
    case "drop vindex":
      dropVindex(target, statement.name);
      return;
    case "add table":
    case "add sequence":
      addTable(target, statement.name, statement.action === "add sequence");
      return;
    case "drop table":
    case "drop sequence":
      dropTable(target, statement.name, statement.action === "drop sequence");
      return;
    case "add column vindex":
      addColumnVindex(target, statement.table, statement.vindex, statement.columns);
      return;
    case "drop column vindex":
      dropColumnVindex(target, statement.table, statement.name);
      return;
    case "add auto_increment":
      addAutoIncrement(target, statement.table, { column: statement.column, sequence: statement.sequence });
      return;
    case "drop auto_increment":
      dropAutoIncrement(target, statement.table);
      return;
  }
}

/** The first vindex makes a keyspace sharded. */
function declareVindex(target: Target, { name, type, params, owner }: VindexSpec): void {
  if (Object.keys(target.vindexes).length === 0) target.vschema.sharded = true;
  target.vindexes[name] = { type: type ?? "", params, owner };
}

function dropVindex({ keyspace, tables, vindexes }: Target, name: string): void {
  if (!Object.hasOwn(vindexes, name)) throw new NotFoundError(`vindex ${name} does not exists in keyspace ${keyspace}`);
  for (const [table, { column_vindexes: used = [] }] of Object.entries(tables)) {
    if (!used.some((columnVindex) => columnVindex.name === name)) continue;
    throw new ConflictError(`can not drop vindex cause ${name} still defined on table ${table}`);
  }
  delete vindexes[name];
}

function addTable({ keyspace, vschema, tables }: Target, name: string, sequence: boolean): void {
  if (vschema.sharded) {
    const what = sequence ? "add sequence table" : "add vschema table";
    throw new FailedError(`${what}: unsupported on sharded keyspace ${keyspace}`);
  }
  if (Object.hasOwn(tables, name)) {
    throw new ConflictError(
      `vschema already contains ${sequence ? "sequence" : "table"} ${name} in keyspace ${keyspace}`,
    );
  }
  tables[name] = sequence ? { type: "sequence" } : {};
}

function dropTable({ keyspace, vschema, tables }: Target, name: string, sequence: boolean): void {
  if (vschema.sharded && sequence) {
    throw new FailedError(`drop sequence table: unsupported on sharded keyspace ${keyspace}`);
  }
  if (!Object.hasOwn(tables, name)) throw notContained(sequence ? "sequence" : "table", name, keyspace);
  delete tables[name];
}

function addAutoIncrement({ keyspace, tables }: Target, name: string, added: AutoIncrement): void {
  const table = own(tables, name);
  if (table === undefined) throw notContained("table", name, keyspace);
  const { auto_increment: existing } = table;
  if (existing) {
    const [column, sequence] = [JSON.stringify(existing.column), JSON.stringify(existing.sequence)];
    throw new ConflictError(
      `vschema already contains auto inc column:${column} sequence:${sequence} on table ${name} in keyspace ${keyspace}`,
    );
  }
  tables[name] = { ...table, auto_increment: added };
}

function dropAutoIncrement({ keyspace, tables }: Target, name: string): void {
  const table = own(tables, name);
  if (table === undefined) throw notContained("table", name, keyspace);
  if (!table.auto_increment) {
    throw new NotFoundError(`vschema does not contain auto increment on table ${name} in keyspace ${keyspace}`);
  }
  tables[name] = { ...table, auto_increment: null };
}

function notContained(kind: "table" | "sequence", name: string, keyspace: string): NotFoundError {
  return new NotFoundError(`vschema does not contain ${kind} ${name} in keyspace ${keyspace}`);
}

function addColumnVindex(target: Target, tableName: string, spec: VindexSpec, columns: string[]): void {
  const { keyspace, tables, vindexes } = target;
  const { name } = spec;
  const existing = own(vindexes, name);
  if (spec.type === undefined && existing === undefined) {
    throw new NotFoundError(`vindex ${name} does not exist in keyspace ${keyspace}`);
  }
  if (spec.type !== undefined && existing !== undefined) {
    if (existing.type !== spec.type) {
      throw new ConflictError(`vindex ${name} defined with type ${existing.type} not ${spec.type}`);
    }
    if ((existing.owner ?? "") !== spec.owner) {
      throw new ConflictError(`vindex ${name} defined with owner ${existing.owner} not ${spec.owner}`);
    }
    if (!sameParams(existing.params ?? {}, spec.params)) {
      throw new ConflictError(`vindex ${name} defined with different parameters`);
    }
  }
  if (existing === undefined) declareVindex(target, spec);
  const table: Table = own(tables, tableName) ?? {};
  const used = table.column_vindexes ?? [];
  if (used.some((columnVindex) => columnVindex.name === name)) {
    throw new ConflictError(`vindex ${name} already defined on table ${tableName}`);
  }
  tables[tableName] = { ...table, column_vindexes: [...used, { name, columns }] };
}

function dropColumnVindex({ keyspace, tables }: Target, tableName: string, name: string): void {
  const table = own(tables, tableName);
  if (table === undefined) throw new NotFoundError(`table ${keyspace}.${tableName} not defined in vschema`);
  const used = table.column_vindexes ?? [];
  const left = used.filter((columnVindex) => columnVindex.name !== name);
  if (left.length === used.length) {
    throw new NotFoundError(`vindex ${name} not defined in table ${keyspace}.${tableName}`);
  }
  if (left.length === 0) delete tables[tableName];
  else tables[tableName] = { ...table, column_vindexes: left };
}

function sameParams(a: Record<string, string>, b: Record<string, string>): boolean {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => a[key] === b[key]);
}

/** A table may be called "constructor". */
function own<T>(map: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
