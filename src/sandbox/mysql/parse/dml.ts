import type { Assignment, Delete, Dml, Expr, Insert, TableName, Update } from "./ast.js";
import { parseOrderBy } from "./call.js";
import type { Cursor } from "./cursor.js";
import { isQueryStart, parseExpression } from "./expression.js";
import { parseLimit, parseQuery, parseTableName, parseTableRefs } from "./query.js";

/** INSERT, REPLACE, UPDATE or DELETE at the cursor. */
export function parseDml(cursor: Cursor): Dml {
  if (cursor.isWord("INSERT", "REPLACE")) return insert(cursor);
  return cursor.acceptWord("UPDATE") ? update(cursor) : remove(cursor);
}

function insert(cursor: Cursor): Insert {
  const replace = cursor.expectWord("INSERT", "REPLACE") === "REPLACE";
  while (cursor.acceptWord("LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"));
  const ignore = cursor.acceptWord("IGNORE") !== undefined;
  cursor.acceptWord("INTO");
  const table = parseTableName(cursor);
  const base = { kind: "insert" as const, replace, ignore, table, onDuplicate: [] as Assignment[] };

  if (cursor.acceptWord("SET")) {
    const set = cursor.list(() => assignment(cursor));
    const row = set.map(({ value }) => value);
    const columns = set.map(({ column }) => column.name);
    return { ...base, columns, source: { rows: [row] }, ...insertTail(cursor) };
  }
  let columns: string[] | undefined;
  if (cursor.isSymbol("(") && !isQueryStart(cursor)) {
    cursor.expectSymbol("(");
    columns = cursor.isSymbol(")") ? [] : cursor.list(() => columnName(cursor).name);
    cursor.expectSymbol(")");
  }
  const source = cursor.acceptWord("VALUES", "VALUE") ? { rows: valueRows(cursor) } : { query: parseQuery(cursor) };
  return { ...base, ...(columns && { columns }), source, ...insertTail(cursor) };
}

function valueRows(cursor: Cursor): Expr[][] {
  return cursor.list(() => {
    cursor.acceptWord("ROW");
    cursor.expectSymbol("(");
    if (cursor.acceptSymbol(")")) return [];
    const row = cursor.list(() => rowValue(cursor));
    cursor.expectSymbol(")");
    return row;
  });
}

/** Most rows of a bulk insert are plain literals: those skip the climb through the operators. */
function rowValue(cursor: Cursor): Expr {
  const token = cursor.current;
  const behind = cursor.peek(1);
  if (behind.kind === "symbol" && (behind.text === "," || behind.text === ")")) {
    const span = { start: token.start, end: token.end };
    if (token.kind === "string") {
      cursor.next();
      return { kind: "string", value: token.text, ...span };
    }
    if (token.kind === "number") {
      cursor.next();
      return { kind: "number", text: token.text, ...span };
    }
    if (token.kind === "word" && token.text === "NULL") {
      cursor.next();
      return { kind: "null", ...span };
    }
  }
  return parseExpression(cursor);
}

function insertTail(cursor: Cursor): Pick<Insert, "rowAlias" | "onDuplicate"> {
  const tail: Pick<Insert, "rowAlias" | "onDuplicate"> = { onDuplicate: [] };
  if (cursor.acceptWord("AS")) {
    const name = cursor.identifier();
    const columns = cursor.isSymbol("(") ? cursor.parenthesised(() => cursor.identifier()) : undefined;
    tail.rowAlias = { name, ...(columns && { columns }) };
  }
  if (cursor.acceptWords("ON", "DUPLICATE", "KEY", "UPDATE")) tail.onDuplicate = cursor.list(() => assignment(cursor));
  return tail;
}

function assignment(cursor: Cursor): Assignment {
  const column = columnName(cursor);
  if (!cursor.acceptSymbol(":=")) cursor.expectSymbol("=");
  return { column, value: parseExpression(cursor) };
}

function columnName(cursor: Cursor): { table?: string; name: string } {
  const parts = [cursor.identifier()];
  while (cursor.acceptSymbol(".")) parts.push(cursor.identifierAfterDot());
  const name = parts.pop() ?? "";
  const table = parts.pop();
  return { ...(table !== undefined && { table }), name };
}

function update(cursor: Cursor): Update {
  cursor.acceptWord("LOW_PRIORITY");
  const ignore = cursor.acceptWord("IGNORE") !== undefined;
  const table = parseTableRefs(cursor);
  cursor.expectWord("SET");
  const set = cursor.list(() => assignment(cursor));
  return { kind: "update", ignore, table, set, ...whereOrderLimit(cursor) };
}

function remove(cursor: Cursor): Delete {
  cursor.expectWord("DELETE");
  while (cursor.acceptWord("LOW_PRIORITY", "QUICK", "IGNORE"));
  const target = (): TableName => {
    const name = parseTableName(cursor);
    if (cursor.acceptSymbol(".")) cursor.expectSymbol("*");
    return name;
  };
  if (!cursor.acceptWord("FROM")) {
    const targets = cursor.list(target);
    cursor.expectWord("FROM");
    return { kind: "delete", targets, from: parseTableRefs(cursor), ...whereOrderLimit(cursor) };
  }
  const mark = cursor.position;
  const targets = cursor.list(target);
  if (cursor.acceptWord("USING"))
    return { kind: "delete", targets, from: parseTableRefs(cursor), ...whereOrderLimit(cursor) };
  cursor.position = mark;
  return { kind: "delete", from: parseTableRefs(cursor), ...whereOrderLimit(cursor) };
}

function whereOrderLimit(cursor: Cursor): Pick<Update, "where" | "orderBy" | "limit"> {
  const where = cursor.acceptWord("WHERE") ? parseExpression(cursor) : undefined;
  const orderBy = parseOrderBy(cursor, parseExpression);
  const limit = parseLimit(cursor);
  return { ...(where && { where }), orderBy, ...(limit && { limit }) };
}
