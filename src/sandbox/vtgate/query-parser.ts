import { createRequire } from "node:module";
import { SqlError } from "./errors.js";
import { variable } from "./set-grammar.js";
import type { QueryStatement, SessionCall, TableReference } from "./statement.js";
import type { Token } from "./tokens.js";

/** The MySQL dialect alone: the package's main file carries a dozen others. */
const { Parser } = createRequire(import.meta.url)("node-sql-parser/build/mysql.js") as typeof import("node-sql-parser");
const parser = new Parser();

type Node = Record<string, unknown>;

const verbs: Record<string, QueryStatement["verb"]> = {
  select: "select",
  explain: "select",
  desc: "select",
  insert: "write",
  replace: "write",
  update: "write",
  delete: "write",
  create: "ddl",
  alter: "ddl",
  drop: "ddl",
  truncate: "ddl",
  rename: "ddl",
};

/** Functions whose value belongs to the client's session (go/vt/sqlparser/ast_rewriting.go). */
const sessionFunctions = new Set(["database", "schema", "last_insert_id", "row_count", "found_rows", "connection_id"]);
const userFunctions = new Set(["user", "current_user", "session_user", "system_user"]);

/** What a query reads and writes, from its syntax tree. Throws SqlError 1064 with the position. */
export function parseQuery(sql: string, tokens: Token[]): QueryStatement {
  const ast = parseOne(sql);
  const verb = verbs[String(ast.type)];
  if (verb === undefined) throw new SqlError(1235, "42000", `VT12001: unsupported: ${String(ast.type)} statement`);
  // "DELETE c FROM customer c": the list in front of FROM repeats names of FROM.
  if (ast.type === "delete") ast.table = null;
  const tables: TableReference[] = [];
  const withNames = new Set<string>();
  const calls: SessionCall[] = [];
  walk(ast, (node) => {
    collectTable(node, tables);
    collectWith(node, withNames);
    collectFunction(node, calls);
  });
  return {
    kind: "query",
    verb,
    sql,
    tokens,
    tables: tables.filter((table) => table.qualifier !== "" || !withNames.has(table.name)),
    sessionCalls: [...calls.map((call) => trimmed(call, tokens)), ...variables(tokens)].map((call) => ({
      ...call,
      needsAlias: isWholeColumn(call, tokens),
    })),
  };
}

function parseOne(sql: string): Node {
  try {
    const { ast } = parser.parse(sql, { database: "mysql", parseOptions: { includeLocations: true } });
    const statements = Array.isArray(ast) ? ast : [ast];
    if (statements.length !== 1) throw new SqlError(1064, "42000", "one statement at a time, please");
    return statements[0] as unknown as Node;
  } catch (error) {
    if (error instanceof SqlError) throw error;
    const offset = (error as { location?: { start?: { offset?: number } } }).location?.start?.offset ?? 0;
    throw new SqlError(
      1064,
      "42000",
      `syntax error at position ${offset + 1} near '${sql.slice(offset, offset + 40)}'`,
    );
  }
}

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
    return;
  }
  if (typeof value !== "object" || value === null) return;
  visit(value as Node);
  for (const child of Object.values(value)) walk(child, visit);
}

/** Table names stand as { db, table, ... }; columns have the same keys and a type. */
function collectTable(node: Node, tables: TableReference[]): void {
  if (typeof node.table !== "string" || node.type === "column_ref" || node.column !== undefined || !("db" in node))
    return;
  tables.push({ qualifier: typeof node.db === "string" ? plainName(node.db) : "", name: plainName(node.table) });
}

/** The parser leaves a quoted name's backticks doubled. */
function plainName(written: string): string {
  return written.replaceAll("``", "`");
}

function collectWith(node: Node, names: Set<string>): void {
  if (!Array.isArray(node.with)) return;
  for (const item of node.with as { name?: { value?: string } }[]) {
    if (item.name?.value !== undefined) names.add(item.name.value);
  }
}

function collectFunction(node: Node, calls: SessionCall[]): void {
  if (node.type !== "function") return;
  const parts = (node.name as { name?: { value?: string }[] } | undefined)?.name ?? [];
  const args = (node.args as { value?: unknown[] } | undefined)?.value ?? [];
  const loc = node.loc as { start: { offset: number }; end: { offset: number } } | undefined;
  const name = parts[0]?.value?.toLowerCase() ?? "";
  if (loc === undefined || parts.length !== 1 || args.length > 0) return;
  if (!sessionFunctions.has(name) && !userFunctions.has(name)) return;
  const canonical = userFunctions.has(name) ? "user" : name === "schema" ? "database" : name;
  calls.push({ start: loc.start.offset, end: loc.end.offset, kind: "function", name: canonical, needsAlias: false });
}

/** The parser's locations take in the space behind. */
function trimmed(call: SessionCall, tokens: Token[]): SessionCall {
  return { ...call, end: tokens.findLast((token) => token.end <= call.end)?.end ?? call.end };
}

function variables(tokens: Token[]): SessionCall[] {
  return tokens
    .filter((token) => token.kind === "variable" && token.value.startsWith("@@"))
    .map(({ start, end, value }) => ({ start, end, kind: "variable", name: variable(value).name, needsAlias: false }));
}

/** Outside parentheses, between SELECT or a comma, and a comma, FROM, LIMIT or the end. */
function isWholeColumn(call: SessionCall, tokens: Token[]): boolean {
  const opening = tokens.filter((token) => token.kind === "symbol" && token.value === "(" && token.end <= call.start);
  const closing = tokens.filter((token) => token.kind === "symbol" && token.value === ")" && token.end <= call.start);
  if (opening.length !== closing.length) return false;
  const before = tokens.findLast((token) => token.end <= call.start)?.value.toLowerCase();
  const after = tokens.find((token) => token.start >= call.end)?.value.toLowerCase() ?? ";";
  return (before === "select" || before === ",") && [",", ";", "from", "limit"].includes(after);
}
