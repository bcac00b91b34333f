/** Reading SQL with the parser of the sandbox's MySQL: the few shapes of syntax trees that tablets look into. */
import type { Expr, TableName, TableRef } from "../mysql/parse/ast.js";
import { parseStatement, type Statement } from "../mysql/parse/statement.js";
import { tablesOf as tablesOfTree } from "../mysql/parse/tables.js";
import { SqlSyntaxError as MysqlSyntaxError } from "../mysql/parse/tokens.js";

/** In Vitess's words, "syntax error at position 7 near 'selekt'" (go/vt/sqlparser/token.go). */
export class SqlSyntaxError extends Error {
  constructor(sql: string, offset: number) {
    super(describe(sql, offset));
    this.name = "SqlSyntaxError";
  }
}

const statementWords =
  /^\s*(?:\/\*.*?\*\/\s*)*(select|insert|update|delete|replace|set|show|create|alter|drop|truncate|rename|use|begin|start|commit|rollback|explain|describe|desc|with|call|analyze|lock|unlock|savepoint|release)\b/is;

function describe(sql: string, offset: number): string {
  const knows = statementWords.test(sql);
  const words = [...sql.matchAll(/'(?:[^'\\]|\\.|'')*'|`[^`]*`|[\w$]+|[^\s\w]/g)];
  const word = knows ? words.find((found) => found.index + found[0].length > offset) : words[0];
  if (word === undefined) return `syntax error at position ${sql.length + 1}`;
  return `syntax error at position ${word.index + word[0].length + 1} near '${word[0].replace(/^`|`$/g, "")}'`;
}

/** Throws SqlSyntaxError, or MysqlError for what MySQL refuses in a statement that it understands. */
export function parseSql(sql: string): Statement {
  try {
    return parseStatement(sql);
  } catch (error) {
    if (error instanceof MysqlSyntaxError) throw new SqlSyntaxError(sql, error.offset);
    throw error;
  }
}

/** The parts of a condition that are connected by AND. */
export function conjuncts(condition: Expr | undefined): Expr[] {
  if (condition === undefined) return [];
  if (condition.kind === "binary" && condition.op === "and") {
    return [...conjuncts(condition.left), ...conjuncts(condition.right)];
  }
  return [condition];
}

/** The name of an unqualified column. */
export function columnName(expression: Expr): string | undefined {
  return expression.kind === "column" && expression.table === undefined ? expression.name : undefined;
}

/** A literal's text, numbers as they were written; undefined for anything else. */
export function literal(expression: Expr | undefined): string | undefined {
  if (expression?.kind === "string") return expression.value;
  if (expression?.kind === "number") return expression.text;
  if (expression?.kind !== "unary" || expression.op !== "-" || expression.operand.kind !== "number") return undefined;
  return `-${expression.operand.text}`;
}

/** The first table of a FROM, with its alias; undefined for a subquery. */
export function firstTable(from: TableRef | undefined): { name: TableName; alias?: string } | undefined {
  if (from?.kind === "join") return firstTable(from.left);
  return from?.kind === "table" ? from : undefined;
}

/** Every table that a query, a write or a DDL statement touches, its subqueries included. */
export function tablesOf(sql: string): TableName[] {
  const statement = parseSql(sql);
  return ["query", "dml", "ddl"].includes(statement.kind) ? tablesOfTree(statement) : [];
}
