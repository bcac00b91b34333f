import { Cursor } from "../mysql/parse/cursor.js";
import { type Statement as MysqlStatement, parseStatement as parseMysql } from "../mysql/parse/statement.js";
import { SqlSyntaxError } from "../mysql/parse/tokens.js";
import { unsupported } from "./errors.js";
import { readQuery } from "./query.js";
import type { Statement } from "./statement.js";
import { reading } from "./syntax.js";

/** MySQL's grammar, and in front of it what only Vitess knows or words in its own way. Throws SqlError. */
export function parseStatement(sql: string): Statement {
  return reading(sql, () => {
    const cursor = new Cursor(sql);
    return vitessStatement(cursor) ?? mysqlStatement(sql, cursor);
  });
}

function vitessStatement(cursor: Cursor): Statement | undefined {
  if (cursor.isWord("PREPARE", "EXECUTE", "DEALLOCATE")) {
    throw unsupported("prepared statements as text; use the protocol's");
  }
  if (!cursor.acceptWord("SHOW")) return undefined;
  const statement = vitessShow(cursor);
  if (statement !== undefined) cursor.expectEnd();
  return statement;
}

function vitessShow(cursor: Cursor): Statement | undefined {
  if (cursor.acceptWords("VSCHEMA", "TABLES")) return { kind: "vitessShow", what: "vschema tables" };
  if (cursor.acceptWord("VITESS_SHARDS")) return { kind: "vitessShow", what: "vitess_shards" };
  if (cursor.acceptWord("VITESS_TABLETS")) return { kind: "vitessShow", what: "vitess_tablets" };
  if (!cursor.acceptWord("KEYSPACES", "VITESS_KEYSPACES")) return undefined;
  const like = cursor.acceptWord("LIKE") ? cursor.string() : undefined;
  return { kind: "show", show: { what: "databases", ...(like !== undefined && { like }) } };
}

/** `cursor` stands behind the word SHOW, if it is there. */
function mysqlStatement(sql: string, cursor: Cursor): Statement {
  const statement = parseOrRefuse(sql, cursor);
  switch (statement.kind) {
    case "query":
      return readQuery(sql, "select", statement.query);
    case "dml":
      return readQuery(sql, "write", statement.dml);
    case "ddl":
      return readQuery(sql, "ddl", statement.ddl);
    case "tableMaintenance":
      throw unsupported(`${statement.verb} statement`);
    case "do":
      throw unsupported("do statement");
    default:
      return statement;
  }
}

/** SHOW's rarer forms are no syntax errors to Vitess. */
function parseOrRefuse(sql: string, { position, current }: Cursor): MysqlStatement {
  try {
    return parseMysql(sql);
  } catch (error) {
    const unknownShow = error instanceof SqlSyntaxError && position === 1 && error.offset === current.start;
    if (unknownShow && current.kind === "word") throw unsupported(`SHOW ${current.text}`);
    throw error;
  }
}
