import { ConflictError, PreflightError, UsageError, VtmigrateError } from "../errors.js";
import type { Keyspace, Keyspace__Output } from "../wire/generated/vschema/Keyspace.js";
import type { Table, Table__Output } from "../wire/generated/vschema/Table.js";
import { decode } from "../wire/proto.js";
import { encodeTable } from "./document.js";
import { readTablesJson } from "./from-json.js";
import { type JsonNode, parseJsonText } from "./json-text.js";
import { validateTables } from "./validate.js";

/** The JSON form of `-tables`: the tables to migrate, with the entries that they get in the target's VSchema. */
export interface TableSpec {
  /** As it was given. */
  text: string;
  /** The tables' names, in the order of the text. */
  names: string[];
  tables: Record<string, Table__Output>;
  /** A vschema.Table in bytes for each name: what `Topo.addVSchemaTables` takes. */
  definitions: ReadonlyMap<string, Uint8Array>;
}

const EXAMPLE = `Example: -tables '{"customer": {"columnVindexes": [{"column": "customer_id", "name": "hash"}]}}'.`;

/**
 * Whether the value of `-tables` is a spec and no list of names: Vitess asks for a first character "{"
 * (go/vt/wrangler/materializer.go, MoveTables, v22.0.3). A bracket is taken for JSON too, so that a JSON list
 * isn't read as odd names.
 */
export function isTableSpec(text: string): boolean {
  return /^\s*[{[]/.test(text);
}

/**
 * Reads a spec: the value of "tables" in a VSchema's JSON, field names in camelCase or snake_case. UsageError with the
 * place, `-tables: proto: (line 1:16): unknown field "colum" at customer`, for what is no JSON, no object of tables, or
 * has fields that no table has (Vitess v18 and later drop those silently).
 */
export function parseTableSpec(text: string): TableSpec {
  const read = readTables(text);
  const names = Object.keys(read);
  if (names.length === 0) throw new UsageError("-tables: the table spec names no tables", { hint: EXAMPLE });
  if (names.includes("")) throw new UsageError("-tables: the table spec has a table without a name", { hint: EXAMPLE });
  const definitions = new Map(Object.entries(read).map(([name, table]) => [name, encodeTable(table)]));
  const tables = Object.fromEntries([...definitions].map(([name, bytes]) => [name, decode("vschema.Table", bytes)]));
  return { text, names, tables, definitions };
}

/** The target's VSchema as it will be with the spec's entries; entries that are there stay. */
export function withSpec(vschema: Keyspace__Output, spec: TableSpec): Keyspace__Output {
  return { ...vschema, tables: { ...spec.tables, ...vschema.tables } };
}

/**
 * Refuses a spec that the target's VSchema can't take, before anything is changed. ConflictError when tables have
 * other entries there: those stay. PreflightError when a vtgate couldn't route by the entries as they would be:
 * undeclared vindexes, vindexes without columns, no primary vindex in a sharded keyspace.
 */
export function requireSpecFits(spec: TableSpec, keyspace: string, vschema: Keyspace__Output): void {
  const other = spec.names.filter((name) => {
    const existing = Object.hasOwn(vschema.tables, name) ? vschema.tables[name] : undefined;
    return existing !== undefined && !sameEntry(existing, spec.tables[name] ?? {});
  });
  if (other.length > 0) {
    const [has, entry] = other.length === 1 ? ["has", "another entry"] : ["have", "other entries"];
    throw new ConflictError(
      `${other.join(", ")} ${has} ${entry} in the VSchema of ${keyspace} than -tables gives, and entries that are there are kept`,
      {
        hint: `See vtmigrate GetVSchema ${keyspace}: give the same in -tables, or change the entry first with vtmigrate ApplyVSchema.`,
      },
    );
  }
  refuseInvalid(spec, keyspace, vschema);
}

function refuseInvalid(spec: TableSpec, keyspace: string, vschema: Keyspace): void {
  try {
    validateTables(spec.tables, vschema);
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error;
    const remedy = `Give it in -tables, or declare it in the VSchema of ${keyspace} with vtmigrate ApplyVSchema.`;
    throw new PreflightError(`-tables does not fit the VSchema of ${keyspace}: ${error.message}`, {
      hint: error.hint === undefined ? remedy : `${error.hint} ${remedy}`,
      cause: error,
    });
  }
}

/** "column": "id" says the same as "columns": ["id"]. */
function sameEntry(one: Table, other: Table): boolean {
  return encodeTable(oneSpelling(one)).equals(encodeTable(oneSpelling(other)));
}

function oneSpelling(table: Table): Table {
  const columnVindexes = (table.column_vindexes ?? []).map(({ name = "", column = "", columns = [] }) => ({
    name,
    columns: column === "" ? columns : [column, ...columns],
  }));
  return { ...table, column_vindexes: columnVindexes };
}

function readTables(text: string): Record<string, Table> {
  try {
    return readTablesJson(text);
  } catch (error) {
    if (!(error instanceof VtmigrateError)) throw error;
    const wholeVSchema = `The table spec is what stands below "tables" in a VSchema, not the whole VSchema.`;
    const hint = looksLikeVSchema(text) ? wholeVSchema : (error.hint ?? EXAMPLE);
    throw new UsageError(`-tables: ${error.message}`, { hint, cause: error });
  }
}

/** {"sharded": ..., "vindexes": ..., "tables": {...}} */
function looksLikeVSchema(text: string): boolean {
  let node: JsonNode;
  try {
    node = parseJsonText(text);
  } catch {
    return false;
  }
  if (node.kind !== "object") return false;
  const keys = new Set(["sharded", "vindexes", "tables"]);
  return node.members.every(({ key }) => keys.has(key));
}
