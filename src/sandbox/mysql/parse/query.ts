/** SELECT, UNION, WITH, and what stands in FROM. */
import type { Limit, Query, Select, SelectItem, TableName, TableRef, With } from "./ast.js";
import { parseOrderBy } from "./call.js";
import type { Cursor } from "./cursor.js";
import { isQueryStart, parseExpression } from "./expression.js";

export function parseQuery(cursor: Cursor): Query {
  if (!cursor.acceptWord("WITH")) return unionOf(cursor);
  const recursive = cursor.acceptWord("RECURSIVE") !== undefined;
  const tables = cursor.list((): With => {
    const name = cursor.identifier();
    const columns = cursor.isSymbol("(") ? cursor.parenthesised(() => cursor.identifier()) : undefined;
    cursor.expectWord("AS");
    cursor.expectSymbol("(");
    const query = parseQuery(cursor);
    cursor.expectSymbol(")");
    return { name, ...(columns && { columns }), query };
  });
  return { ...unionOf(cursor), with: { recursive, tables } };
}

function unionOf(cursor: Cursor): Query {
  let left = unionOperand(cursor);
  let isUnion = false;
  while (cursor.acceptWord("UNION")) {
    const all = cursor.acceptWord("ALL", "DISTINCT") === "ALL";
    const right = unionOperand(cursor);
    // ORDER BY and LIMIT behind the last operand belong to the whole union.
    left = { kind: "union", left, right, all, orderBy: [] };
    isUnion = true;
  }
  const orderBy = parseOrderBy(cursor, parseExpression);
  const limit = parseLimit(cursor);
  skipLocking(cursor);
  if (orderBy.length === 0 && !limit) return left;
  if (isUnion || (left.orderBy.length === 0 && !left.limit)) {
    return { ...left, ...(orderBy.length > 0 && { orderBy }), ...(limit && { limit }) };
  }
  return cursor.fail();
}

function unionOperand(cursor: Cursor): Query {
  if (!cursor.isSymbol("(")) return select(cursor);
  cursor.expectSymbol("(");
  const query = parseQuery(cursor);
  cursor.expectSymbol(")");
  return query;
}

/** Everything up to HAVING; ORDER BY and LIMIT are the union's to take. */
function select(cursor: Cursor): Select {
  cursor.expectWord("SELECT");
  let distinct = false;
  for (let word = selectOption(cursor); word; word = selectOption(cursor)) {
    if (word === "DISTINCT" || word === "DISTINCTROW") distinct = true;
  }
  const items = cursor.list(() => selectItem(cursor));
  const from = cursor.acceptWord("FROM") && !cursor.acceptWord("DUAL") ? parseTableRefs(cursor) : undefined;
  const where = cursor.acceptWord("WHERE") ? parseExpression(cursor) : undefined;
  const groupBy = cursor.acceptWords("GROUP", "BY") ? cursor.list(() => parseExpression(cursor)) : [];
  const having = cursor.acceptWord("HAVING") ? parseExpression(cursor) : undefined;
  return {
    kind: "select",
    distinct,
    items,
    ...(from && { from }),
    ...(where && { where }),
    groupBy,
    ...(having && { having }),
    orderBy: [],
  };
}

function selectOption(cursor: Cursor): string | undefined {
  return cursor.acceptWord(
    "ALL",
    "DISTINCT",
    "DISTINCTROW",
    "HIGH_PRIORITY",
    "STRAIGHT_JOIN",
    "SQL_NO_CACHE",
    "SQL_CACHE",
    "SQL_BUFFER_RESULT",
    "SQL_SMALL_RESULT",
    "SQL_BIG_RESULT",
    "SQL_CALC_FOUND_ROWS",
  );
}

function selectItem(cursor: Cursor): SelectItem {
  const start = cursor.current.start;
  if (cursor.acceptSymbol("*")) return { expr: { kind: "star", start, end: cursor.previousEnd } };
  const mark = cursor.position;
  if (cursor.isIdentifier) {
    const names = [cursor.identifier()];
    while (cursor.isSymbol(".") && names.length < 3) {
      cursor.next();
      if (cursor.acceptSymbol("*")) {
        const table = names.pop() ?? "";
        const database = names.pop();
        return {
          expr: { kind: "star", table, ...(database !== undefined && { database }), start, end: cursor.previousEnd },
        };
      }
      names.push(cursor.identifierAfterDot());
    }
    cursor.position = mark;
  }
  const expr = parseExpression(cursor);
  const alias = parseAlias(cursor);
  return { expr, ...(alias !== undefined && { alias }) };
}

function parseAlias(cursor: Cursor): string | undefined {
  if (cursor.acceptWord("AS")) return cursor.nameOrString();
  return cursor.isIdentifier || cursor.current.kind === "string" ? cursor.nameOrString() : undefined;
}

export function parseTableRefs(cursor: Cursor): TableRef {
  let left = joined(cursor);
  while (cursor.acceptSymbol(",")) left = { kind: "join", type: "inner", left, right: joined(cursor) };
  return left;
}

function joined(cursor: Cursor): TableRef {
  let left = tableFactor(cursor);
  for (;;) {
    const natural = cursor.acceptWord("NATURAL") !== undefined;
    const side = cursor.isWord("LEFT", "RIGHT") ? cursor.next().text : undefined;
    if (side) cursor.acceptWord("OUTER");
    else cursor.acceptWord("INNER", "CROSS");
    if (!cursor.acceptWord("JOIN", "STRAIGHT_JOIN")) {
      return natural || side ? cursor.fail() : left;
    }
    const right = tableFactor(cursor);
    const type = side === "LEFT" ? "left" : side === "RIGHT" ? "right" : "inner";
    const on = cursor.acceptWord("ON") ? parseExpression(cursor) : undefined;
    const using = !on && cursor.acceptWord("USING") ? cursor.parenthesised(() => cursor.identifier()) : undefined;
    left = { kind: "join", type, left, right, ...(on && { on }), ...(using && { using }), ...(natural && { natural }) };
  }
}

function tableFactor(cursor: Cursor): TableRef {
  if (cursor.isSymbol("(")) {
    if (!isQueryStart(cursor)) {
      cursor.expectSymbol("(");
      const inner = parseTableRefs(cursor);
      cursor.expectSymbol(")");
      return inner;
    }
    cursor.expectSymbol("(");
    const query = parseQuery(cursor);
    cursor.expectSymbol(")");
    const alias = parseAlias(cursor) ?? cursor.fail();
    const columns = cursor.isSymbol("(") ? cursor.parenthesised(() => cursor.identifier()) : undefined;
    return { kind: "derived", query, alias, ...(columns && { columns }) };
  }
  const name = parseTableName(cursor);
  const alias = parseAlias(cursor);
  while (cursor.isWord("USE", "FORCE", "IGNORE") && ["INDEX", "KEY"].includes(cursor.peek(1).text)) {
    cursor.position += 2;
    if (cursor.acceptWord("FOR")) while (!cursor.isSymbol("(") && !cursor.atEnd) cursor.next();
    cursor.expectSymbol("(");
    while (!cursor.acceptSymbol(")")) if (cursor.next().kind === "end") cursor.fail();
  }
  return { kind: "table", name, ...(alias !== undefined && { alias }) };
}

export function parseTableName(cursor: Cursor): TableName {
  const first = cursor.identifier();
  if (!cursor.acceptSymbol(".")) return { kind: "tableName", name: first };
  return { kind: "tableName", database: first, name: cursor.identifierAfterDot() };
}

export function parseLimit(cursor: Cursor): Limit | undefined {
  if (!cursor.acceptWord("LIMIT")) return undefined;
  const first = parseExpression(cursor);
  if (cursor.acceptSymbol(",")) return { count: parseExpression(cursor), offset: first };
  if (cursor.acceptWord("OFFSET")) return { count: first, offset: parseExpression(cursor) };
  return { count: first };
}

/** Row locks mean nothing here: a session's open transaction excludes the others anyway. */
function skipLocking(cursor: Cursor): void {
  if (cursor.acceptWords("LOCK", "IN", "SHARE", "MODE")) return;
  if (cursor.isWord("FOR") && ["UPDATE", "SHARE"].includes(cursor.peek(1).text)) {
    cursor.position += 2;
    cursor.acceptWord("NOWAIT");
    cursor.acceptWords("SKIP", "LOCKED");
  }
}
