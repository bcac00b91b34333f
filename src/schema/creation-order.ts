import type { ForeignKey } from "./foreign-keys.js";

/**
 * Names in an order in which foreign keys find their parents: by name, but parents first. Parents that are not
 * among them don't count; where foreign keys go round in a circle, one of them has to wait for its parent.
 */
export function creationOrder(tables: ReadonlyMap<string, readonly ForeignKey[]>): string[] {
  const ordered = new Set<string>();
  const begun = new Set<string>();
  const visit = (name: string) => {
    const foreignKeys = tables.get(name);
    if (foreignKeys === undefined || begun.has(name)) return;
    begun.add(name);
    const parents = foreignKeys.filter((key) => key.parentDatabase === undefined).map((key) => key.parentTable);
    for (const parent of parents.sort()) visit(parent);
    ordered.add(name);
  };
  for (const name of [...tables.keys()].sort()) visit(name);
  return [...ordered];
}
