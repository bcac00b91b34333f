import type { Expr, TableName } from "./ast.js";
import type { Cursor } from "./cursor.js";
import { parseExpression } from "./expression.js";
import { parseTableName } from "./query.js";

interface ShowFilter {
  like?: string;
  where?: Expr;
}

export type Show = ShowFilter &
  (
    | { what: "databases" }
    | { what: "tables"; full: boolean; database?: string }
    | { what: "tableStatus"; database?: string }
    | { what: "columns"; full: boolean; table: TableName }
    | { what: "indexes"; table: TableName }
    | { what: "createTable"; table: TableName }
    | { what: "createView"; table: TableName }
    | { what: "createDatabase"; name: string; ifNotExists: boolean }
    | { what: "variables"; global: boolean }
    | { what: "status"; global: boolean }
    | { what: "warnings" }
    | { what: "binaryLogStatus" }
    | { what: "replicaStatus" }
    | { what: "collation" }
    | { what: "charset" }
    | { what: "engines" }
    | { what: "processlist" }
  );

/** SHOW ... and DESCRIBE. */
export function parseShow(cursor: Cursor): Show {
  if (cursor.next().text !== "SHOW") {
    return { what: "columns", full: false, table: parseTableName(cursor) };
  }
  const show = showBody(cursor);
  if (cursor.acceptWord("LIKE")) return { ...show, like: cursor.string() };
  if (cursor.acceptWord("WHERE")) return { ...show, where: parseExpression(cursor) };
  return show;
}

function showBody(cursor: Cursor): Show {
  if (cursor.acceptWord("DATABASES", "SCHEMAS")) return { what: "databases" };
  if (cursor.acceptWord("CREATE")) return showCreate(cursor);
  if (cursor.acceptWords("TABLE", "STATUS")) return { what: "tableStatus", ...fromDatabase(cursor) };
  if (cursor.acceptWord("INDEX", "INDEXES", "KEYS")) return { what: "indexes", table: fromTable(cursor) };
  if (cursor.acceptWord("WARNINGS", "ERRORS")) return { what: "warnings" };
  if (cursor.acceptWords("MASTER", "STATUS") || cursor.acceptWords("BINARY", "LOG", "STATUS"))
    return { what: "binaryLogStatus" };
  if (cursor.acceptWords("REPLICA", "STATUS") || cursor.acceptWords("SLAVE", "STATUS"))
    return { what: "replicaStatus" };
  if (cursor.acceptWord("COLLATION")) return { what: "collation" };
  if (cursor.acceptWord("CHARSET") || cursor.acceptWords("CHARACTER", "SET")) return { what: "charset" };
  if (cursor.acceptWord("ENGINES")) return { what: "engines" };
  const scope = cursor.acceptWord("GLOBAL", "SESSION", "LOCAL");
  const word = cursor.acceptWord("VARIABLES", "STATUS");
  if (word) return { what: word === "VARIABLES" ? "variables" : "status", global: scope === "GLOBAL" };
  cursor.acceptWord("EXTENDED");
  const full = cursor.acceptWord("FULL") !== undefined;
  if (cursor.acceptWord("TABLES")) return { what: "tables", full, ...fromDatabase(cursor) };
  if (cursor.acceptWord("COLUMNS", "FIELDS")) return { what: "columns", full, table: fromTable(cursor) };
  if (cursor.acceptWord("PROCESSLIST")) return { what: "processlist" };
  return cursor.fail();
}

function showCreate(cursor: Cursor): Show {
  const word = cursor.expectWord("TABLE", "VIEW", "DATABASE", "SCHEMA");
  if (word === "TABLE") return { what: "createTable", table: parseTableName(cursor) };
  if (word === "VIEW") return { what: "createView", table: parseTableName(cursor) };
  const ifNotExists = cursor.acceptWords("IF", "NOT", "EXISTS");
  return { what: "createDatabase", name: cursor.identifier(), ifNotExists };
}

function fromDatabase(cursor: Cursor): { database?: string } {
  return cursor.acceptWord("FROM", "IN") ? { database: cursor.identifier() } : {};
}

function fromTable(cursor: Cursor): TableName {
  cursor.expectWord("FROM", "IN");
  const table = parseTableName(cursor);
  return cursor.acceptWord("FROM", "IN") ? { ...table, database: cursor.identifier() } : table;
}
