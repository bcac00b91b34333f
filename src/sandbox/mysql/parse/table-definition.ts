/** Columns, keys, constraints and options: what CREATE TABLE and ALTER TABLE share. */

import { parseColumnType } from "./column-type.js";
import type { Cursor } from "./cursor.js";
import type {
  CheckDefinition,
  ColumnDefinition,
  ForeignKeyDefinition,
  KeyDefinition,
  KeyPart,
  TableOptions,
} from "./ddl-ast.js";
import { parseExpression } from "./expression.js";
import { parseTableName } from "./query.js";

/** name, type and attributes. */
export function parseColumn(cursor: Cursor): ColumnDefinition {
  return columnBody(cursor, cursor.identifier());
}

export function columnBody(cursor: Cursor, name: string): ColumnDefinition {
  const { type, charset, serial } = parseColumnType(cursor);
  const column: ColumnDefinition = {
    name,
    type,
    ...(charset && { charset }),
    onUpdateNow: false,
    autoIncrement: serial,
    invisible: false,
    comment: "",
    checks: [],
  };
  if (serial) Object.assign(column, { nullable: false, key: "unique" });
  while (columnAttribute(cursor, column));
  return column;
}

function columnAttribute(cursor: Cursor, column: ColumnDefinition): boolean {
  if (cursor.acceptWords("NOT", "NULL")) column.nullable = false;
  else if (cursor.acceptWord("NULL")) column.nullable = true;
  else if (cursor.acceptWord("DEFAULT")) {
    column.defaultIsExpression = cursor.isSymbol("(");
    column.default = parseDefault(cursor);
  } else if (cursor.acceptWords("ON", "UPDATE")) {
    cursor.expectWord("CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP");
    if (cursor.acceptSymbol("(")) {
      if (!cursor.isSymbol(")")) cursor.integer();
      cursor.expectSymbol(")");
    }
    column.onUpdateNow = true;
  } else if (cursor.acceptWord("AUTO_INCREMENT")) column.autoIncrement = true;
  else if (cursor.acceptWords("PRIMARY", "KEY") || cursor.acceptWord("KEY")) column.key = "primary";
  else if (cursor.acceptWord("UNIQUE")) {
    cursor.acceptWord("KEY");
    column.key = "unique";
  } else if (cursor.acceptWord("COMMENT")) column.comment = cursor.string();
  else if (cursor.acceptWord("COLLATE")) column.collation = cursor.nameOrString().toLowerCase();
  else if (cursor.acceptWords("CHARACTER", "SET") || cursor.acceptWord("CHARSET")) {
    column.charset = cursor.nameOrString().toLowerCase();
  } else if (cursor.acceptWord("INVISIBLE")) column.invisible = true;
  else if (cursor.acceptWord("VISIBLE")) column.invisible = false;
  else if (cursor.isWords("GENERATED", "ALWAYS") || cursor.isWord("AS")) {
    if (!cursor.acceptWord("AS")) {
      cursor.position += 2;
      cursor.expectWord("AS");
    }
    cursor.expectSymbol("(");
    const expr = parseExpression(cursor);
    cursor.expectSymbol(")");
    column.generated = { expr, stored: cursor.acceptWord("VIRTUAL", "STORED") === "STORED" };
  } else if (cursor.acceptWord("COLUMN_FORMAT", "STORAGE", "ENGINE_ATTRIBUTE", "SRID")) {
    cursor.acceptSymbol("=");
    cursor.next();
  } else if (cursor.isWord("CONSTRAINT", "CHECK")) {
    const name = cursor.acceptWord("CONSTRAINT") && !cursor.isWord("CHECK") ? cursor.identifier() : undefined;
    column.checks.push(parseCheck(cursor, name));
  } else if (cursor.acceptWord("REFERENCES")) {
    // InnoDB parses and ignores column-level references.
    parseTableName(cursor);
    cursor.parenthesised(() => cursor.identifier());
    referentialActions(cursor);
  } else return false;
  return true;
}

/** Ends before attributes: `DEFAULT 0 NOT NULL` is no `0 NOT`. */
export function parseDefault(cursor: Cursor): ReturnType<typeof parseExpression> {
  const mark = cursor.position;
  if (cursor.acceptSymbol("(")) {
    const expr = parseExpression(cursor);
    cursor.expectSymbol(")");
    return expr;
  }
  const { start } = cursor.current;
  if (cursor.acceptSymbol("-")) {
    const operand = parseDefault(cursor);
    return { kind: "unary", op: "-", operand, start, end: cursor.previousEnd };
  }
  cursor.position = mark;
  const token = cursor.next();
  const span = { start, end: token.end };
  if (token.kind === "string") return { kind: "string", value: token.text, ...span };
  if (token.kind === "number") return { kind: "number", text: token.text, ...span };
  if (token.kind === "hex") return { kind: "hex", digits: token.text, ...span };
  if (token.kind === "bits") return { kind: "bits", bits: token.text, ...span };
  if (token.kind === "symbol" && token.text === "+") return parseDefault(cursor);
  if (token.kind !== "word") {
    cursor.position--;
    return cursor.fail();
  }
  if (/^_[A-Z0-9]+$/.test(token.text)) return parseDefault(cursor);
  if (token.text === "NULL") return { kind: "null", ...span };
  if (token.text === "TRUE" || token.text === "FALSE") return { kind: "bool", value: token.text === "TRUE", ...span };
  cursor.position--;
  if (!["CURRENT_TIMESTAMP", "NOW", "LOCALTIME", "LOCALTIMESTAMP"].includes(token.text)) return cursor.fail();
  return parseExpression(cursor);
}

function parseCheck(cursor: Cursor, name: string | undefined): CheckDefinition {
  cursor.expectWord("CHECK");
  cursor.expectSymbol("(");
  const expr = parseExpression(cursor);
  cursor.expectSymbol(")");
  const enforced = !cursor.acceptWords("NOT", "ENFORCED");
  cursor.acceptWord("ENFORCED");
  return { ...(name !== undefined && { name }), expr, enforced };
}

export interface Constraints {
  keys: KeyDefinition[];
  foreignKeys: ForeignKeyDefinition[];
  checks: CheckDefinition[];
}

/** A key or constraint at the cursor goes into `into`; false: it is something else. */
export function parseConstraint(cursor: Cursor, into: Constraints): boolean {
  const named = cursor.acceptWord("CONSTRAINT") !== undefined;
  const symbol = named && cursor.isIdentifier ? cursor.identifier() : undefined;
  if (cursor.acceptWords("PRIMARY", "KEY")) {
    into.keys.push(keyBody(cursor, "primary", "PRIMARY"));
  } else if (cursor.acceptWord("UNIQUE")) {
    cursor.acceptWord("KEY", "INDEX");
    into.keys.push(keyBody(cursor, "unique", symbol));
  } else if (cursor.acceptWords("FOREIGN", "KEY")) {
    into.foreignKeys.push(foreignKeyBody(cursor, symbol));
  } else if (cursor.isWord("CHECK")) into.checks.push(parseCheck(cursor, symbol));
  else if (named) cursor.fail();
  else if (cursor.acceptWord("FULLTEXT", "SPATIAL")) {
    const kind = cursor.peek(-1).text === "FULLTEXT" ? "fulltext" : "spatial";
    cursor.acceptWord("KEY", "INDEX");
    into.keys.push(keyBody(cursor, kind, undefined));
  } else if (cursor.acceptWord("KEY", "INDEX")) into.keys.push(keyBody(cursor, "plain", undefined));
  else return false;
  return true;
}

/** [name] [USING type] (parts) [options] */
export function keyBody(cursor: Cursor, kind: KeyDefinition["kind"], symbol: string | undefined): KeyDefinition {
  const ownName =
    kind !== "primary" && cursor.isIdentifier && !cursor.isWord("USING") ? cursor.identifier() : undefined;
  const name = ownName ?? symbol;
  const key: KeyDefinition = { kind, ...(name !== undefined && { name }), parts: [], comment: "", invisible: false };
  if (cursor.acceptWord("USING")) key.using = cursor.identifier().toUpperCase();
  key.parts = cursor.parenthesised(() => keyPart(cursor));
  for (;;) {
    if (cursor.acceptWord("USING")) key.using = cursor.identifier().toUpperCase();
    else if (cursor.acceptWord("COMMENT")) key.comment = cursor.string();
    else if (cursor.acceptWord("INVISIBLE")) key.invisible = true;
    else if (cursor.acceptWord("VISIBLE")) key.invisible = false;
    else if (cursor.acceptWord("KEY_BLOCK_SIZE")) {
      cursor.acceptSymbol("=");
      cursor.integer();
    } else if (cursor.acceptWords("WITH", "PARSER")) cursor.identifier();
    else return key;
  }
}

function keyPart(cursor: Cursor): KeyPart {
  if (cursor.acceptSymbol("(")) {
    const expr = parseExpression(cursor);
    cursor.expectSymbol(")");
    return { expr, descending: cursor.acceptWord("ASC", "DESC") === "DESC" };
  }
  const column = cursor.identifier();
  const length = cursor.isSymbol("(") ? cursor.parenthesised(() => cursor.integer())[0] : undefined;
  const descending = cursor.acceptWord("ASC", "DESC") === "DESC";
  return { column, ...(length !== undefined && { length }), descending };
}

function foreignKeyBody(cursor: Cursor, symbol: string | undefined): ForeignKeyDefinition {
  const ownName = cursor.isIdentifier ? cursor.identifier() : undefined;
  const name = symbol ?? ownName;
  const columns = cursor.parenthesised(() => cursor.identifier());
  cursor.expectWord("REFERENCES");
  const parent = parseTableName(cursor);
  const parentColumns = cursor.parenthesised(() => cursor.identifier());
  return { ...(name !== undefined && { name }), columns, parent, parentColumns, ...referentialActions(cursor) };
}

function referentialActions(cursor: Cursor): { onDelete?: string; onUpdate?: string } {
  const actions: { onDelete?: string; onUpdate?: string } = {};
  if (cursor.acceptWord("MATCH")) cursor.next();
  while (cursor.acceptWord("ON")) {
    const event = cursor.expectWord("DELETE", "UPDATE");
    const action = cursor.acceptWords("SET", "NULL")
      ? "SET NULL"
      : cursor.acceptWords("NO", "ACTION")
        ? "NO ACTION"
        : cursor.acceptWords("SET", "DEFAULT")
          ? "SET DEFAULT"
          : cursor.expectWord("CASCADE", "RESTRICT");
    if (event === "DELETE") actions.onDelete = action;
    else actions.onUpdate = action;
  }
  return actions;
}

/** ENGINE=x AUTO_INCREMENT=n ...; unknown options are syntax errors. */
export function parseTableOptions(cursor: Cursor): TableOptions {
  const options: TableOptions = {};
  while (tableOption(cursor, options)) cursor.acceptSymbol(",");
  return options;
}

export function tableOption(cursor: Cursor, options: TableOptions): boolean {
  const mark = cursor.position;
  cursor.acceptWord("DEFAULT");
  if (cursor.acceptWords("CHARACTER", "SET") || cursor.acceptWord("CHARSET")) {
    cursor.acceptSymbol("=");
    options.charset = cursor.nameOrString().toLowerCase();
    return true;
  }
  const word = cursor.acceptWord(
    "ENGINE",
    "AUTO_INCREMENT",
    "COLLATE",
    "COMMENT",
    "ROW_FORMAT",
    "KEY_BLOCK_SIZE",
    "STATS_PERSISTENT",
    "STATS_AUTO_RECALC",
    "STATS_SAMPLE_PAGES",
    "CHECKSUM",
    "DELAY_KEY_WRITE",
    "MAX_ROWS",
    "MIN_ROWS",
    "AVG_ROW_LENGTH",
    "PACK_KEYS",
    "COMPRESSION",
    "ENCRYPTION",
    "TABLESPACE",
    "ENCRYPTION",
  );
  if (!word) {
    cursor.position = mark;
    return false;
  }
  cursor.acceptSymbol("=");
  switch (word) {
    case "ENGINE":
      options.engine = cursor.nameOrString();
      break;
    case "AUTO_INCREMENT":
      options.autoIncrement = BigInt(cursor.next().text);
      break;
    case "COLLATE":
      options.collation = cursor.nameOrString().toLowerCase();
      break;
    case "COMMENT":
      options.comment = cursor.string();
      break;
    case "ROW_FORMAT":
      options.rowFormat = cursor.next().text.toUpperCase();
      break;
    case "KEY_BLOCK_SIZE":
      options.keyBlockSize = cursor.integer();
      break;
    default:
      cursor.next();
  }
  return true;
}
