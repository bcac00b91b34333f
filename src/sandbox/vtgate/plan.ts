import type { TableName } from "../mysql/parse/ast.js";
import { Cursor } from "../mysql/parse/cursor.js";
import { SqlError, unknownDatabase, unsupported } from "./errors.js";
import { splice } from "./splice.js";
import type { QueryStatement } from "./statement.js";
import { parseTarget, type TargetString } from "./target.js";
import type { Vschema } from "./vschema.js";

/** A query and where it belongs; which shards of the keyspace it needs is `route`'s decision. */
export interface Plan {
  target: TargetString;
  verb: QueryStatement["verb"];
  /** What tablets run: keyspace qualifiers taken away, as the tables live in the tablet's own database. */
  sql: string;
  /** No table of a keyspace is named: any shard can answer. */
  anyShard: boolean;
}

/** Databases that every MySQL has; Vitess sends queries on them to any shard. */
const systemDatabases = new Set(["information_schema", "mysql", "performance_schema", "sys"]);

/** Throws SqlError for unknown keyspaces and tables, and for queries over several keyspaces. */
export function planQuery(statement: QueryStatement, session: TargetString, vschema: Vschema): Plan {
  const ours = statement.tables.filter((table) => !systemDatabases.has(table.database?.toLowerCase() ?? ""));
  const targets = ours.map((table) => locate(table, session, vschema, statement.verb));
  const [first] = targets;
  const sql = stripQualifiers(statement.sql, ours);
  if (first === undefined) return { target: anyKeyspace(session, vschema), verb: statement.verb, sql, anyShard: true };
  const other = targets.find((target) => target.keyspace !== first.keyspace);
  if (other !== undefined) throw unsupported(`a query over the keyspaces ${first.keyspace} and ${other.keyspace}`);
  if (statement.verb !== "select" && first.tabletType !== "PRIMARY") {
    throw unsupported(`${first.tabletType.toLowerCase()} tablets take no writes; use the primary`);
  }
  return { target: first, verb: statement.verb, sql, anyShard: false };
}

function locate(table: TableName, session: TargetString, vschema: Vschema, verb: QueryStatement["verb"]): TargetString {
  const named = table.database === undefined ? session : parseTarget(table.database);
  // What DDL is about to create no VSchema can list yet.
  if (verb === "ddl" && vschema.has(named.keyspace)) return named;
  const found = vschema.resolve(named.keyspace, table.name);
  if (found.table !== table.name) throw unsupported(`a routing rule that renames ${table.name} to ${found.table}`);
  return { ...named, keyspace: found.keyspace };
}

/** For queries without tables: the session's keyspace, else the first one. */
export function anyKeyspace(session: TargetString, vschema: Vschema): TargetString {
  if (session.keyspace !== "") {
    if (!vschema.has(session.keyspace)) throw unknownDatabase(session.keyspace);
    return session;
  }
  const [keyspace] = vschema.keyspaces;
  if (keyspace === undefined) throw new SqlError(1046, "3D000", "VT09005: no database selected");
  return { ...session, keyspace };
}

function stripQualifiers(sql: string, tables: TableName[]): string {
  const qualified = new Set(
    tables.filter((table) => table.database !== undefined).map((table) => `${table.database}\0${table.name}`),
  );
  if (qualified.size === 0) return sql;
  const cursor = new Cursor(sql);
  const edits = cursor.tokens.flatMap((token, i) => {
    const [dot, name] = [cursor.tokens[i + 1], cursor.tokens[i + 2]];
    if (token.kind !== "word" && token.kind !== "name") return [];
    if (dot?.text !== "." || name === undefined || cursor.tokens[i - 1]?.text === ".") return [];
    const pair = `${cursor.raw(token)}\0${cursor.raw(name)}`;
    return qualified.has(pair) ? [{ start: token.start, end: name.start, text: "" }] : [];
  });
  return splice(sql, edits);
}
