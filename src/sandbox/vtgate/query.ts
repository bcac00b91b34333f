import type { Expr, TableName } from "../mysql/parse/ast.js";
import { walk } from "../mysql/parse/walk.js";
import type { QueryStatement, SessionCall } from "./statement.js";

/** Functions whose value belongs to the client's session (go/vt/sqlparser/ast_rewriting.go). */
const sessionFunctions = new Set(["database", "schema", "last_insert_id", "row_count", "found_rows", "connection_id"]);
const userFunctions = new Set(["user", "current_user", "session_user", "system_user"]);

/** What a query reads and writes, and what of it the vtgate fills in, from its syntax tree. */
export function readQuery(sql: string, verb: QueryStatement["verb"], tree: object): QueryStatement {
  const tables: TableName[] = [];
  const withNames = new Set<string>();
  const columns = new Set<object>();
  // "DELETE c FROM customer c": the list in front of FROM repeats names of FROM.
  const repeated = new Set<TableName>();
  const sessionCalls: SessionCall[] = [];
  walk(tree, (node) => {
    switch (node.kind) {
      case "select":
        for (const { expr, alias } of node.items) if (alias === undefined) columns.add(expr);
        for (const { name } of node.with?.tables ?? []) withNames.add(name);
        return;
      case "union":
        for (const { name } of node.with?.tables ?? []) withNames.add(name);
        return;
      case "delete":
        for (const target of node.targets ?? []) repeated.add(target);
        return;
      case "tableName":
        if (!repeated.has(node)) tables.push(node);
        return;
      case "call":
      case "variable": {
        const call = sessionCall(node);
        const { start, end } = node;
        if (call !== undefined) sessionCalls.push({ start, end, ...call, needsAlias: columns.has(node) });
      }
    }
  });
  return {
    kind: "query",
    verb,
    sql,
    tables: tables.filter((table) => table.database !== undefined || !withNames.has(table.name)),
    sessionCalls,
  };
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
