import type { TableName } from "./ast.js";
import { walk } from "./walk.js";

/** The tables that a statement reads and writes, as they are named; a pair may come twice. */
export function tablesOf(tree: object): TableName[] {
  const tables: TableName[] = [];
  const withNames = new Set<string>();
  // "DELETE c FROM customer c": the list in front of FROM repeats names of FROM.
  const repeated = new Set<TableName>();
  walk(tree, (node) => {
    if (node.kind === "delete") for (const target of node.targets ?? []) repeated.add(target);
    if (node.kind === "tableName" && !repeated.has(node)) tables.push(node);
    if (node.kind !== "select" && node.kind !== "union") return;
    for (const { name } of node.with?.tables ?? []) withNames.add(name);
  });
  return tables.filter((table) => table.database !== undefined || !withNames.has(table.name));
}
