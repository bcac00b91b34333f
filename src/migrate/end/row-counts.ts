import { InterruptedError } from "../../errors.js";
import type { CallOptions, SchemaDefinition, Tablet } from "../../tablet/port.js";
import { quoteIdentifier } from "../../wire/sql.js";

export interface RowCount {
  rows: number;
  /** False: an estimate of the tablet's MySQL, or that there are more. */
  exact: boolean;
}

/**
 * How many rows are counted at most. MySQL goes on counting for a caller that has hung up and holds up the DROP
 * that comes next, so the query itself must have an end. A million rows take a second.
 */
const COUNTED = 1_000_000;
/** For one table. */
const TABLE_MS = 5_000;

/**
 * Counts the rows of those tables that exist, by table. What takes longer than until `deadline` (milliseconds since
 * 1970), has more than a million rows or can't be counted is estimated, as the schema says.
 */
export async function countRows(
  tablet: Tablet,
  tables: string[],
  there: SchemaDefinition,
  options: CallOptions & { deadline: number },
): Promise<Map<string, RowCount>> {
  const { deadline, ...call } = options;
  const counts = new Map<string, RowCount>();
  for (const { name, row_count } of there.table_definitions) {
    if (!tables.includes(name)) continue;
    const timeoutMs = Math.min(TABLE_MS, deadline - Date.now());
    const counted = timeoutMs > 0 ? await countTable(tablet, name, { ...call, timeoutMs }) : undefined;
    const estimate = Math.max(Number(row_count), counted ?? 0);
    const exact = counted !== undefined && counted <= COUNTED;
    counts.set(name, exact ? { rows: counted, exact } : { rows: estimate, exact });
  }
  return counts;
}

/** "1 row", "about 5,000,000 rows". */
export function rowsText({ rows, exact }: RowCount): string {
  return `${exact ? "" : "about "}${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"}`;
}

async function countTable(tablet: Tablet, table: string, options: CallOptions): Promise<number | undefined> {
  const name = `${quoteIdentifier(tablet.record.dbName)}.${quoteIdentifier(table)}`;
  const query = `select count(*) from (select 1 from ${name} limit ${COUNTED + 1}) as counted`;
  try {
    const { rows } = await tablet.executeFetchAsDba(query, { ...options, maxRows: 1 });
    const text = rows[0]?.[0]?.toString();
    return text === undefined ? undefined : Number(text);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    return undefined;
  }
}
