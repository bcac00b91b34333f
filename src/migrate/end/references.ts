import { readForeignKeys } from "../../schema/foreign-keys.js";
import { readTableText } from "../../schema/table-text.js";
import type { SchemaDefinition } from "../../tablet/port.js";

export interface DanglingReference {
  table: string;
  /** The dropped tables that its foreign keys name. */
  parents: string[];
}

/**
 * Tables that stay and whose foreign keys name a table that goes: MySQL drops a parent all the same with
 * foreign_key_checks off, and refuses the child's rows from then on.
 */
export function danglingReferences(there: SchemaDefinition, dbName: string, dropped: string[]): DanglingReference[] {
  return there.table_definitions.flatMap(({ name, schema }) => {
    if (dropped.includes(name)) return [];
    const named = readForeignKeys(readTableText(schema))
      .filter(({ parentDatabase = dbName }) => parentDatabase === dbName)
      .map(({ parentTable }) => parentTable);
    const parents = [...new Set(named)].filter((parent) => dropped.includes(parent)).sort();
    return parents.length > 0 ? [{ table: name, parents }] : [];
  });
}
