import { parseAlter } from "./alter.js";
import type { TableName } from "./ast.js";
import type { Cursor } from "./cursor.js";
import type { ColumnDefinition, CreateTable, Ddl, KeyDefinition } from "./ddl-ast.js";
import { isQueryStart } from "./expression.js";
import { parseQuery, parseTableName } from "./query.js";
import { keyBody, parseColumn, parseConstraint, parseTableOptions } from "./table-definition.js";

/** CREATE, DROP, ALTER, RENAME or TRUNCATE at the cursor. */
export function parseDdl(cursor: Cursor): Ddl {
  switch (cursor.next().text) {
    case "CREATE":
      return create(cursor);
    case "DROP":
      return drop(cursor);
    case "ALTER":
      return alter(cursor);
    case "TRUNCATE":
      cursor.acceptWord("TABLE");
      return { kind: "truncate", table: parseTableName(cursor) };
    default: {
      cursor.expectWord("TABLE", "TABLES");
      const renames = cursor.list(() => {
        const from = parseTableName(cursor);
        cursor.expectWord("TO");
        return { from, to: parseTableName(cursor) };
      });
      return { kind: "renameTable", renames };
    }
  }
}

function create(cursor: Cursor): Ddl {
  if (cursor.acceptWord("DATABASE", "SCHEMA")) {
    const ifNotExists = cursor.acceptWords("IF", "NOT", "EXISTS");
    const name = cursor.identifier();
    const { charset, collation } = parseTableOptions(cursor);
    return { kind: "createDatabase", name, ifNotExists, ...(charset && { charset }), ...(collation && { collation }) };
  }
  const temporary = cursor.acceptWord("TEMPORARY") !== undefined;
  if (cursor.acceptWord("TABLE")) return createTable(cursor, temporary);
  if (cursor.isWord("INDEX", "UNIQUE", "FULLTEXT", "SPATIAL")) return createIndex(cursor);
  return createView(cursor);
}

function createIndex(cursor: Cursor): Ddl {
  const word = cursor.acceptWord("UNIQUE", "FULLTEXT", "SPATIAL");
  const kind: KeyDefinition["kind"] =
    word === "UNIQUE" ? "unique" : word === "FULLTEXT" ? "fulltext" : word === "SPATIAL" ? "spatial" : "plain";
  cursor.expectWord("INDEX");
  const name = cursor.identifier();
  const using = cursor.acceptWord("USING") ? cursor.identifier().toUpperCase() : undefined;
  cursor.expectWord("ON");
  const table = parseTableName(cursor);
  const key = keyBody(cursor, kind, name);
  return { kind: "alterTable", table, actions: [{ kind: "addKey", key: { ...key, ...(using && { using }) } }] };
}

function createView(cursor: Cursor): Ddl {
  const orReplace = cursor.acceptWords("OR", "REPLACE");
  // ALGORITHM=..., DEFINER=..., SQL SECURITY ...: no privileges here, nothing to choose.
  while (!cursor.isWord("VIEW")) {
    if (!cursor.isWord("ALGORITHM", "DEFINER", "SQL")) cursor.fail();
    const word = cursor.next().text;
    if (word === "SQL") cursor.position += 2;
    else {
      cursor.expectSymbol("=");
      cursor.next();
      while (cursor.current.kind === "variable" || cursor.isSymbol("@")) cursor.next();
      if (cursor.peek(-1).text === "@") cursor.next();
    }
  }
  cursor.expectWord("VIEW");
  const view = parseTableName(cursor);
  const columns = cursor.isSymbol("(") ? cursor.parenthesised(() => cursor.identifier()) : undefined;
  cursor.expectWord("AS");
  const { start } = cursor.current;
  const query = parseQuery(cursor);
  const queryText = cursor.textBetween(start, cursor.previousEnd);
  return { kind: "createView", view, orReplace, ...(columns && { columns }), query, queryText };
}

function createTable(cursor: Cursor, temporary: boolean): CreateTable {
  const ifNotExists = cursor.acceptWords("IF", "NOT", "EXISTS");
  const table = parseTableName(cursor);
  const statement: CreateTable = {
    kind: "createTable",
    table,
    temporary,
    ifNotExists,
    columns: [],
    keys: [],
    foreignKeys: [],
    checks: [],
    options: {},
  };
  const likeInParentheses = cursor.isSymbol("(") && cursor.peek(1).text === "LIKE" && cursor.peek(1).kind === "word";
  if (likeInParentheses) cursor.next();
  if (cursor.acceptWord("LIKE")) {
    statement.like = parseTableName(cursor);
    if (likeInParentheses) cursor.expectSymbol(")");
    return statement;
  }
  if (cursor.isSymbol("(") && !isQueryStart(cursor)) {
    cursor.expectSymbol("(");
    do {
      if (!parseConstraint(cursor, statement)) addColumn(statement, parseColumn(cursor));
    } while (cursor.acceptSymbol(","));
    cursor.expectSymbol(")");
  }
  statement.options = parseTableOptions(cursor);
  skipPartitions(cursor);
  cursor.acceptWord("AS", "IGNORE", "REPLACE");
  if (isQueryStart(cursor)) statement.query = parseQuery(cursor);
  return statement;
}

/** Partitions change where rows lie, nothing that a query sees. */
function skipPartitions(cursor: Cursor): void {
  if (!cursor.acceptWords("PARTITION", "BY")) return;
  while (!cursor.atEnd && !cursor.isWord("SELECT", "AS")) cursor.next();
}

function addColumn(statement: CreateTable, column: ColumnDefinition): void {
  statement.columns.push(column);
  statement.checks.push(...column.checks);
  const key = inlineKey(column);
  if (key) statement.keys.push(key);
}

/** `a int PRIMARY KEY`, `a int UNIQUE`. */
export function inlineKey(column: ColumnDefinition): KeyDefinition | undefined {
  if (!column.key) return undefined;
  const parts = [{ column: column.name, descending: false }];
  const name = column.key === "primary" ? { name: "PRIMARY" } : {};
  return { kind: column.key, ...name, parts, comment: "", invisible: false };
}

function drop(cursor: Cursor): Ddl {
  if (cursor.acceptWord("DATABASE", "SCHEMA")) {
    const ifExists = cursor.acceptWords("IF", "EXISTS");
    return { kind: "dropDatabase", name: cursor.identifier(), ifExists };
  }
  if (cursor.acceptWord("INDEX")) {
    const name = cursor.isWord("PRIMARY") ? cursor.next().text : cursor.identifier();
    cursor.expectWord("ON");
    return { kind: "alterTable", table: parseTableName(cursor), actions: [{ kind: "dropKey", name }] };
  }
  const list = (): TableName[] => {
    const names = cursor.list(() => parseTableName(cursor));
    cursor.acceptWord("RESTRICT", "CASCADE");
    return names;
  };
  if (cursor.acceptWord("VIEW")) {
    const ifExists = cursor.acceptWords("IF", "EXISTS");
    return { kind: "dropView", ifExists, views: list() };
  }
  cursor.acceptWord("TEMPORARY");
  cursor.expectWord("TABLE", "TABLES");
  const ifExists = cursor.acceptWords("IF", "EXISTS");
  return { kind: "dropTable", ifExists, tables: list() };
}

function alter(cursor: Cursor): Ddl {
  if (cursor.isWord("DATABASE", "SCHEMA")) cursor.fail();
  cursor.expectWord("TABLE");
  const table = parseTableName(cursor);
  return { kind: "alterTable", table, actions: cursor.atEnd ? [] : cursor.list(() => parseAlter(cursor)).flat() };
}
