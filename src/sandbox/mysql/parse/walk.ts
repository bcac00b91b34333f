import type { Dml, Expr, Query, TableName } from "./ast.js";

/** What of a syntax tree is worth a visit; parts of DDL come by as well, under kinds of their own. */
export type Visited = Query | Dml | Expr | TableName;

/** Shows every part of a syntax tree to `visit`, parents first and each once, though DDL names its checks twice. */
export function walk(tree: object, visit: (node: Visited) => void): void {
  const seen = new Set<unknown>();
  descend(tree);

  function descend(value: unknown): void {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    if ("kind" in value) visit(value as Visited);
    for (const child of Object.values(value)) descend(child);
  }
}
