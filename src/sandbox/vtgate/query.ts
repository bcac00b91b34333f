import type { Expr } from "../mysql/parse/ast.js";
import { tablesOf } from "../mysql/parse/tables.js";
import { walk } from "../mysql/parse/walk.js";
import type { QueryStatement, SessionCall } from "./statement.js";

/** Functions whose value belongs to the client's session (go/vt/sqlparser/ast_rewriting.go). */
const sessionFunctions = new Set(["database", "schema", "last_insert_id", "row_count", "found_rows", "connection_id"]);
const userFunctions = new Set(["user", "current_user", "session_user", "system_user"]);

/** What a query reads and writes, and what of it the vtgate fills in, from its syntax tree. */
export function readQuery(sql: string, verb: QueryStatement["verb"], tree: object): QueryStatement {
  const unnamed = new Set<object>();
  const sessionCalls: SessionCall[] = [];
  walk(tree, (node) => {
    if (node.kind === "select") for (const { expr, alias } of node.items) if (alias === undefined) unnamed.add(expr);
    if (node.kind !== "call" && node.kind !== "variable") return;
    const { start, end } = node;
    const call = sessionCall(node);
    if (call !== undefined) sessionCalls.push({ start, end, ...call, needsAlias: unnamed.has(node) });
  });
  return { kind: "query", verb, sql, tables: tablesOf(tree), sessionCalls };
}

function sessionCall(
  node: Extract<Expr, { kind: "call" | "variable" }>,
): Pick<SessionCall, "kind" | "name"> | undefined {
  const { name } = node;
  if (node.kind === "variable") return node.scope === "user" ? undefined : { kind: "variable", name };
  if (node.args.length > 0) return undefined;
  if (userFunctions.has(name)) return { kind: "function", name: "user" };
  if (!sessionFunctions.has(name)) return undefined;
  return { kind: "function", name: name === "schema" ? "database" : name };
}
