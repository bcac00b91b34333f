/** Reading SQL through a real parser: the few shapes of syntax trees that tablets look into. */
import { createRequire } from "node:module";

/** The MySQL dialect alone: the package's main file carries a dozen others. */
const { Parser } = createRequire(import.meta.url)("node-sql-parser/build/mysql.js") as typeof import("node-sql-parser");
const parser = new Parser();

/** A node of the syntax tree; every property is looked at before it is used. */
export type SqlNode = { type?: string; [property: string]: unknown };

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

/** One statement, with the places of its parts. Throws SqlSyntaxError, or Error "malformed statement: ...". */
export function parseSql(sql: string): SqlNode {
  try {
    const parsed = parser.astify(sql, { database: "MySQL", parseOptions: { includeLocations: true } });
    const statements = (Array.isArray(parsed) ? parsed : [parsed]) as unknown as SqlNode[];
    const statement = statements[0];
    if (statement !== undefined && statements.length === 1) return withPlainNames(statement);
  } catch (error) {
    const { location } = error as { location?: { start: { offset: number } } };
    // The grammar's own checks (a row as long as its column list) come without a place.
    if (location === undefined) throw new Error(`malformed statement: ${sql}`, { cause: error });
    throw new SqlSyntaxError(sql, location.start.offset);
  }
  throw new SqlSyntaxError(sql, sql.indexOf(";"));
}

/** The parser hands quoted names over with their backticks doubled, as they were written. */
function withPlainNames(node: SqlNode): SqlNode {
  for (const [property, value] of Object.entries(node)) {
    if (typeof value === "string") {
      if (nameProperties.has(property)) node[property] = plainName(value);
    } else if (property !== "loc") {
      for (const inner of nodes(value)) if (isNode(inner)) withPlainNames(inner);
    }
  }
  return node;
}

const nameProperties = new Set(["db", "table", "column", "as"]);

function plainName(written: string): string {
  return written.replaceAll("``", "`");
}

/** A list of nodes behind a property; nothing there is an empty list. */
export function nodes(value: unknown): SqlNode[] {
  if (Array.isArray(value)) return value as SqlNode[];
  return isNode(value) ? [value] : [];
}

export function isNode(value: unknown): value is SqlNode {
  return typeof value === "object" && value !== null;
}

/** The parts of a condition that are connected by AND. */
export function conjuncts(condition: unknown): SqlNode[] {
  if (!isNode(condition)) return [];
  if (condition.type === "binary_expr" && condition.operator === "AND") {
    return [...conjuncts(condition.left), ...conjuncts(condition.right)];
  }
  return [condition];
}

/** The name of an unqualified column, "*" included. */
export function columnName(expression: unknown): string | undefined {
  if (!isNode(expression) || expression.type !== "column_ref" || expression.table !== null) return undefined;
  return typeof expression.column === "string" ? expression.column : undefined;
}

/** The text of a literal and whether it was a number; undefined for anything else. */
export function literal(expression: unknown): { text: string; numeric: boolean } | undefined {
  if (!isNode(expression)) return undefined;
  const { type, value } = expression;
  if (type === "number" || type === "bigint") return { text: String(value), numeric: true };
  if (type === "single_quote_string" || type === "double_quote_string" || type === "string") {
    return { text: unescapeString(String(value)), numeric: false };
  }
  return undefined;
}

/** Name in lower case and arguments of a function call. */
export function functionCall(expression: unknown): { name: string; args: SqlNode[] } | undefined {
  if (!isNode(expression) || expression.type !== "function" || !isNode(expression.name)) return undefined;
  const words = nodes(expression.name.name).map((word) => String(word.value));
  const args = isNode(expression.args) ? nodes(expression.args.value) : [];
  return { name: words.join(".").toLowerCase(), args };
}

/** Database and name of every table that a statement touches, its subqueries included; database "" is the default. */
export function tablesOf(sql: string): { database: string; name: string }[] {
  return parser.tableList(sql, { database: "MySQL" }).map((entry) => {
    const [, database = "null", name = ""] = entry.split("::");
    return { database: database === "null" ? "" : plainName(database), name: plainName(name) };
  });
}

/** Where a node stands in the text. */
export function startOf(node: SqlNode): number | undefined {
  const loc = node.loc as { start?: { offset?: number } } | undefined;
  return loc?.start?.offset;
}

const escapes: Record<string, string> = { "0": "\0", b: "\b", n: "\n", r: "\r", t: "\t", Z: "\x1a" };

/** The parser hands strings over as they were written. */
function unescapeString(raw: string): string {
  return raw.replace(/\\([\s\S])|''/g, (_, escaped: string | undefined) =>
    escaped === undefined ? "'" : (escapes[escaped] ?? escaped),
  );
}
