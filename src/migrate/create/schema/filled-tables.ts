import type { CallOptions, Tablet } from "../../../tablet/port.js";
import { quoteIdentifier } from "../../../wire/sql.js";

/** Tables asked about in one statement. */
const TABLES_AT_ONCE = 50;

/** Of these tables those that exist and have rows. */
export async function filledTables(tablet: Tablet, names: string[], options: CallOptions): Promise<string[]> {
  const there = new Set((await tablet.getSchema([], options)).table_definitions.map((table) => table.name));
  return tablesWithRows(
    tablet,
    names.filter((name) => there.has(name)),
    options,
  );
}

/** Of these tables, which exist, those that have rows: one round trip for fifty tables. */
export async function tablesWithRows(tablet: Tablet, names: string[], options: CallOptions): Promise<string[]> {
  const filled: string[] = [];
  for (let from = 0; from < names.length; from += TABLES_AT_ONCE) {
    const chunk = names.slice(from, from + TABLES_AT_ONCE);
    const query = `select ${chunk.map((name) => hasRows(tablet.record.dbName, name)).join(", ")}`;
    const [row = []] = (await tablet.executeFetchAsDba(query, { ...options, maxRows: 1 })).rows;
    filled.push(...chunk.filter((_, i) => row[i]?.toString() === "1"));
  }
  return filled;
}

function hasRows(dbName: string, table: string): string {
  return `exists(select 1 from ${quoteIdentifier(dbName)}.${quoteIdentifier(table)} limit 1)`;
}
