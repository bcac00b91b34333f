import type { FilterRule } from "../../../wire/binlog-source.js";
import { quoteIdentifierIfNeeded, sqlString } from "../../../wire/sql.js";
import type { VindexReference } from "./vindex-reference.js";

/** Every row of a table. */
export function wholeTable(table: string): FilterRule {
  return { match: table, filter: selectAll(table) };
}

/**
 * The rows whose keyspace ids lie in a key range ("-80"), to the letter as vtctld writes it
 * (go/vt/vtctl/workflow/materializer.go, generateBinlogSources). Everything but the range is worked out at once: many
 * target shards ask for the same table.
 */
export function rowsByRange(
  table: string,
  columns: string[],
  reference: VindexReference,
): (keyRange: string) => FilterRule {
  const named = "own" in reference ? [] : [...columns.map(quoteIdentifierIfNeeded), sqlString(reference.name)];
  const start = `${selectAll(table)} where in_keyrange(${named.map((argument) => `${argument}, `).join("")}`;
  return (keyRange) => ({ match: table, filter: `${start}${sqlString(keyRange)})` });
}

function selectAll(table: string): string {
  return `select * from ${quoteIdentifierIfNeeded(table)}`;
}

/**
 * Takes every row, whatever its columns hold, to keyspace id 00 (go/vt/vtgate/vindexes/null.go, v11 to v22), so that
 * any column does and this range selects none.
 */
export const NO_ROWS = { vindex: { type: "null", params: {} }, keyRange: "80-" } as const;
