import { PreflightError } from "../errors.js";
import { closest } from "../suggest.js";
import type { ColumnVindex } from "../wire/generated/vschema/ColumnVindex.js";
import type { Keyspace } from "../wire/generated/vschema/Keyspace.js";
import type { Table } from "../wire/generated/vschema/Table.js";
import type { Vindex } from "../wire/generated/vschema/Vindex.js";
import { paramProblem, unknownParams } from "./vindex-params.js";
import { vindexTypes } from "./vindex-types.js";

/**
 * Refuses what a vtgate couldn't route by, with the sentences of Vitess's own BuildKeyspace
 * (go/vt/vtgate/vindexes/vschema.go, v22.0.3): PreflightError `vindexType "nope" not found`,
 * "vindex h not found for table t", ... The first problem in the order of names is reported (Vitess's
 * order is random). Returns warnings: parameters that no vindex of the type knows.
 */
export function validateVSchema(vschema: Keyspace): string[] {
  const warnings: string[] = [];
  for (const [name, vindex] of sorted(vschema.vindexes)) {
    checkVindex(name, vindex);
    for (const param of unknownParams(vindex.type ?? "", vindex.params ?? {})) {
      warnings.push(`Unknown parameter in vindex ${name}: ${param}`);
    }
  }
  for (const [name, table] of sorted(vschema.tables)) checkTable(name, table, vschema);
  return warnings;
}

/**
 * The same for some tables that are to join a VSchema, and the vindexes they name; what else is wrong in it
 * doesn't matter.
 */
export function validateTables(tables: Record<string, Table>, vschema: Keyspace): void {
  const vindexes = vschema.vindexes ?? {};
  for (const [name, table] of sorted(tables)) {
    for (const { name: used = "" } of table.column_vindexes ?? []) {
      const vindex = Object.hasOwn(vindexes, used) ? vindexes[used] : undefined;
      if (vindex !== undefined) checkVindex(used, vindex);
    }
    checkTable(name, table, vschema);
  }
}

function checkVindex(name: string, vindex: Vindex): void {
  const type = vindex.type ?? "";
  if (!vindexTypes.has(type)) {
    const near = closest(type, vindexTypes.keys());
    throw new PreflightError(`vindexType "${type}" not found`, {
      hint: near === undefined ? `Types: ${[...vindexTypes.keys()].join(", ")}.` : `Did you mean "${near}"?`,
    });
  }
  const problem = paramProblem(type, name, vindex.params ?? {});
  if (problem !== undefined) throw new PreflightError(problem, { hint: `It is vindex ${name}, of type ${type}.` });
}

function checkTable(name: string, table: Table, vschema: Keyspace): void {
  const sharded = vschema.sharded === true;
  const type = table.type ?? "";
  const pinned = table.pinned ?? "";
  const columnVindexes = table.column_vindexes ?? [];
  if (!["", "reference", "sequence"].includes(type)) {
    throw new PreflightError(`unidentified table type ${type}`, {
      hint: `Table ${name}: a type is "reference", "sequence" or left out.`,
    });
  }
  if (type === "sequence" && sharded && pinned === "") {
    throw new PreflightError(`sequence table has to be in an unsharded keyspace or must be pinned: ${name}`);
  }
  const source = table.source ?? "";
  if (type === "reference" && source !== "" && source.split(".").length > 2) {
    throw new PreflightError(
      `invalid source "${source}" for reference table: ${name}; invalid table name: ${source}, it must be of the unqualified form <table_name> or the qualified form <keyspace_name>.<table_name> (dots are not allowed in either name)`,
    );
  }
  if (pinned !== "") checkPinned(pinned);
  if (sharded && type !== "reference" && pinned === "" && columnVindexes.length === 0) {
    throw new PreflightError(`missing primary col vindex for table: ${name}`, {
      hint: `In a sharded keyspace every table needs columnVindexes, unless its type is "reference".`,
    });
  }
  checkColumns(name, table);
  for (const [index, columnVindex] of columnVindexes.entries()) {
    checkColumnVindex(name, columnVindex, index === 0, vschema);
  }
}

function checkPinned(pinned: string): void {
  const bad = /[^0-9a-f]/i.exec(pinned)?.[0];
  if (bad !== undefined) {
    const code = `U+${bad.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0")}`;
    throw new PreflightError(`could not decode the keyspace id for pin: encoding/hex: invalid byte: ${code} '${bad}'`);
  }
  if (pinned.length % 2 === 0) return;
  throw new PreflightError("could not decode the keyspace id for pin: encoding/hex: odd length hex string");
}

function checkColumns(name: string, table: Table): void {
  const seen = new Set<string>();
  for (const { name: column = "" } of table.columns ?? []) {
    if (seen.has(column.toLowerCase())) {
      throw new PreflightError(`duplicate column name '${column}' for table: ${name}`);
    }
    seen.add(column.toLowerCase());
  }
}

function checkColumnVindex(table: string, columnVindex: ColumnVindex, primary: boolean, vschema: Keyspace): void {
  const name = columnVindex.name ?? "";
  const vindexes = vschema.vindexes ?? {};
  const vindex = Object.hasOwn(vindexes, name) ? vindexes[name] : undefined;
  const type = vindexTypes.get(vindex?.type ?? "");
  if (vindex === undefined || type === undefined) {
    const declared = Object.keys(vindexes).sort();
    throw new PreflightError(`vindex ${name} not found for table ${table}`, {
      hint: declared.length === 0 ? "No vindexes are declared." : `Declared vindexes: ${declared.join(", ")}.`,
    });
  }
  const columns = columnVindex.columns ?? [];
  if (columnVindex.column && columns.length > 0) {
    throw new PreflightError(`can't use column and columns at the same time in vindex (${name}) and table (${table})`);
  }
  if (!columnVindex.column && columns.length === 0) {
    throw new PreflightError(`must specify at least one column for vindex (${name}) and table (${table})`);
  }
  const owned = type.lookup && vindex.owner === table;
  if (primary && !type.unique) throw new PreflightError(`primary vindex ${name} is not Unique for table ${table}`);
  if (primary && owned) throw new PreflightError(`primary vindex ${name} cannot be owned for table ${table}`);
  if (!primary && type.multiColumn) {
    throw new PreflightError(`multi-column vindex ${name} should be a primary vindex for table ${table}`);
  }
  const from = (vindex.params?.from ?? "").split(",").length;
  if (owned && vindex.type?.startsWith("consistent_lookup") && from !== Math.max(columns.length, 1)) {
    throw new PreflightError(`VT03029: column count does not match value count with the row for vindex '${name}'`, {
      hint: `Table ${table} gives it ${Math.max(columns.length, 1)} columns, its parameter "from" names ${from}.`,
    });
  }
}

function sorted<T>(map: Record<string, T> | undefined): [string, T][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}
