import { errors } from "../errors.js";
import type { Dml, Expr, Query, TableName } from "./ast.js";
import { Cursor } from "./cursor.js";
import { parseDdl } from "./ddl.js";
import type { Ddl } from "./ddl-ast.js";
import { parseDml } from "./dml.js";
import { isQueryStart, parseExpression } from "./expression.js";
import { parseQuery, parseTableName } from "./query.js";
import { parseShow, type Show } from "./show.js";
import { tokenize } from "./tokens.js";

export interface SetVariable {
  scope: "user" | "session" | "global";
  name: string;
  /** undefined: DEFAULT. */
  value?: Expr;
}

export type Statement =
  | { kind: "query"; query: Query }
  | { kind: "dml"; dml: Dml }
  | { kind: "ddl"; ddl: Ddl }
  | { kind: "show"; show: Show }
  | { kind: "use"; database: string }
  | { kind: "set"; variables: SetVariable[] }
  | { kind: "begin" }
  | { kind: "commit" }
  | { kind: "rollback"; savepoint?: string }
  | { kind: "savepoint"; name: string }
  | { kind: "release"; name: string }
  | { kind: "tableMaintenance"; verb: string; tables: TableName[] }
  | { kind: "do"; exprs: Expr[] }
  /** LOCK TABLES, FLUSH and their like: accepted, nothing to do. */
  | { kind: "nothing" };

/** One statement; a semicolon may close it. Throws MysqlError 1064 or 1065. */
export function parseStatement(sql: string): Statement {
  const cursor = new Cursor(sql);
  if (cursor.atEnd) throw errors.emptyQuery();
  const statement = statementAt(cursor);
  cursor.expectEnd();
  return statement;
}

/** The statements of a script, empty ones left out. Quotes and comments hide semicolons. */
export function splitScript(sql: string): string[] {
  const statements: string[] = [];
  let start: number | undefined;
  for (const token of tokenize(sql)) {
    const ends = token.kind === "end" || (token.kind === "symbol" && token.text === ";");
    if (!ends) start ??= token.start;
    else if (start !== undefined) {
      statements.push(sql.slice(start, token.start));
      start = undefined;
    }
  }
  return statements;
}

function statementAt(cursor: Cursor): Statement {
  if (isQueryStart(cursor)) return { kind: "query", query: parseQuery(cursor) };
  if (cursor.current.kind !== "word") cursor.fail();
  switch (cursor.current.text) {
    case "INSERT":
    case "REPLACE":
    case "UPDATE":
    case "DELETE":
      return { kind: "dml", dml: parseDml(cursor) };
    case "CREATE":
    case "DROP":
    case "ALTER":
    case "RENAME":
    case "TRUNCATE":
      return { kind: "ddl", ddl: parseDdl(cursor) };
    case "SHOW":
    case "DESCRIBE":
    case "DESC":
      return { kind: "show", show: parseShow(cursor) };
    case "SET":
      return set(cursor);
    default:
      return simple(cursor);
  }
}

function simple(cursor: Cursor): Statement {
  const word = cursor.next().text;
  switch (word) {
    case "USE":
      return { kind: "use", database: cursor.identifier() };
    case "BEGIN":
      cursor.acceptWord("WORK");
      return { kind: "begin" };
    case "START":
      cursor.expectWord("TRANSACTION");
      while (!cursor.atEnd) cursor.next();
      return { kind: "begin" };
    case "COMMIT":
      cursor.acceptWord("WORK");
      return { kind: "commit" };
    case "ROLLBACK": {
      cursor.acceptWord("WORK");
      if (!cursor.acceptWord("TO")) return { kind: "rollback" };
      cursor.acceptWord("SAVEPOINT");
      return { kind: "rollback", savepoint: cursor.identifier() };
    }
    case "SAVEPOINT":
      return { kind: "savepoint", name: cursor.identifier() };
    case "RELEASE":
      cursor.expectWord("SAVEPOINT");
      return { kind: "release", name: cursor.identifier() };
    case "ANALYZE":
    case "OPTIMIZE":
    case "CHECK": {
      cursor.acceptWord("NO_WRITE_TO_BINLOG", "LOCAL");
      cursor.expectWord("TABLE", "TABLES");
      return { kind: "tableMaintenance", verb: word.toLowerCase(), tables: cursor.list(() => parseTableName(cursor)) };
    }
    case "DO":
      return { kind: "do", exprs: cursor.list(() => parseExpression(cursor)) };
    case "LOCK":
    case "UNLOCK":
      cursor.expectWord("TABLE", "TABLES");
      while (!cursor.atEnd) cursor.next();
      return { kind: "nothing" };
    case "FLUSH":
      while (!cursor.atEnd) cursor.next();
      return { kind: "nothing" };
    default:
      cursor.position--;
      return cursor.fail();
  }
}

function set(cursor: Cursor): Statement {
  cursor.next();
  if (
    cursor.isWord("TRANSACTION") ||
    cursor.isWords("SESSION", "TRANSACTION") ||
    cursor.isWords("LOCAL", "TRANSACTION") ||
    cursor.isWords("GLOBAL", "TRANSACTION")
  ) {
    while (!cursor.atEnd) cursor.next();
    return { kind: "nothing" };
  }
  let scope: "session" | "global" = "session";
  return { kind: "set", variables: cursor.list(() => setVariable()).flat() };

  function setVariable(): SetVariable[] {
    const { start } = cursor.current;
    if (cursor.acceptWord("NAMES") || cursor.acceptWords("CHARACTER", "SET") || cursor.acceptWord("CHARSET")) {
      const charset = cursor.isWord("DEFAULT") ? cursor.next().text : cursor.nameOrString();
      const value: Expr = { kind: "string", value: charset.toLowerCase(), start, end: cursor.previousEnd };
      const names = ["character_set_client", "character_set_connection", "character_set_results"];
      if (cursor.acceptWord("COLLATE")) {
        const collation: Expr = { kind: "string", value: cursor.nameOrString(), start, end: cursor.previousEnd };
        return [
          ...names.map((name): SetVariable => ({ scope: "session", name, value })),
          { scope: "session", name: "collation_connection", value: collation },
        ];
      }
      return names.map((name): SetVariable => ({ scope: "session", name, value }));
    }
    const word = cursor.acceptWord("SESSION", "GLOBAL", "LOCAL", "PERSIST");
    if (word) scope = word === "GLOBAL" || word === "PERSIST" ? "global" : "session";
    const token = cursor.current;
    if (token.kind === "variable") {
      cursor.next();
      const scoped = /^@@(session|global|local|persist)\.(.+)$/i.exec(token.text);
      const isUser = !token.text.startsWith("@@");
      const name = (scoped?.[2] ?? token.text.replace(/^@@?/, "")).toLowerCase();
      const isGlobal = ["global", "persist"].includes(scoped?.[1]?.toLowerCase() ?? "");
      return [assign(isUser ? "user" : isGlobal ? "global" : "session", name)];
    }
    return [assign(scope, cursor.identifier().toLowerCase())];
  }

  function assign(variableScope: SetVariable["scope"], name: string): SetVariable {
    if (!cursor.acceptSymbol(":=")) cursor.expectSymbol("=");
    const bare = cursor.peek(1);
    if ((bare.kind === "end" || bare.text === "," || bare.text === ";") && cursor.current.kind === "word") {
      if (cursor.acceptWord("DEFAULT")) return { scope: variableScope, name };
      // `SET sql_mode = TRADITIONAL`, `= ON`: bare words are strings here.
      if (!cursor.isWord("NULL", "TRUE", "FALSE")) {
        const token = cursor.next();
        return {
          scope: variableScope,
          name,
          value: { kind: "string", value: cursor.raw(token), start: token.start, end: token.end },
        };
      }
    }
    return { scope: variableScope, name, value: parseExpression(cursor) };
  }
}
