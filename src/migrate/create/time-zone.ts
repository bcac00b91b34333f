import { forEachAtOnce } from "../../concurrency.js";
import { PreflightError } from "../../errors.js";
import { identityColumns, readTable } from "../../schema/table.js";
import type { Capabilities } from "../../tablet/capabilities.js";
import type { CallOptions } from "../../tablet/port.js";
import { quoteIdentifierIfNeeded, sqlString } from "../../wire/sql.js";
import { type Target, targetName } from "../../workflow/targets.js";

/** Where streams convert to; Vitess knows no other (go/vt/wrangler/materializer.go, v14). */
export const TARGET_TIME_ZONE = "UTC";

/**
 * That each target can convert from the zone (go/vt/wrangler/materializer.go, checkTZConversion): names need the
 * time zone tables of the target's MySQL, and UTC is one. PreflightError that lists the tablets that can't.
 */
export async function requireTimeZone(targets: Target[], timeZone: string, options: CallOptions): Promise<void> {
  const query = `select convert_tz('2006-01-02 15:04:05', ${sqlString(timeZone)}, '${TARGET_TIME_ZONE}')`;
  const results = await forEachAtOnce(targets, async (target) => {
    const { rows } = await target.primary.executeFetchAsApp(query, { ...options, maxRows: 1 });
    return { target, converts: rows[0]?.[0] != null };
  });
  const unable = results.filter(({ converts }) => !converts).map(({ target }) => targetName(target));
  if (unable.length === 0) return;
  throw new PreflightError(
    `unable to perform time_zone conversions from ${timeZone} to ${TARGET_TIME_ZONE} on ${unable.join(", ")}`,
    {
      hint: "Either the time zone doesn't exist or the time zone tables aren't loaded there: mysql_tzinfo_to_sql loads them. Offsets like +01:00 need them too, for the target's UTC.",
    },
  );
}

/**
 * DATETIME values that streams write converted and later look for, or write again, as they are
 * (go/vt/vttablet/tabletmanager/vreplication/table_plan_builder.go): no version converts in the WHERE of an UPDATE or
 * DELETE, so that rows which are found by a DATETIME are never changed again; v14 doesn't in the SET of an UPDATE either,
 * which v15, the first with `workflow_sub_type`, does. Both happen without a word, so they are refused: PreflightError
 * with the columns; with `force` they come back as sentences.
 */
export function checkConvertedColumns(
  tables: { name: string; schema: string }[],
  capabilities: Iterable<Capabilities>,
  { force }: { force: boolean },
): string[] {
  const convertsUpdates = [...capabilities].every(({ columns }) => columns.has("workflow_sub_type"));
  const found = tables.map((table) => datetimes(table));
  const lost = found.flatMap(({ identity }) => identity);
  const unconverted = convertsUpdates ? [] : found.flatMap(({ others }) => others);
  const findings = [
    ...(lost.length > 0
      ? [
          `rows are found by columns that -source_time_zone changes, and updates and deletes would miss them: ${lost.join(", ")}`,
        ]
      : []),
    ...(unconverted.length > 0
      ? [`Vitess v14 converts what is inserted, and not what is updated later: ${unconverted.join(", ")}`]
      : []),
  ];
  if (force || findings.length === 0) return findings.map((finding) => `Overruled by -force: ${finding}`);
  throw new PreflightError(findings.join("; "), {
    hint: "Leave these tables out with -exclude, and migrate them without -source_time_zone; or -force, where they never change.",
  });
}

/** Columns of the type DATETIME, "orders.placed": those that rows are found by, and the rest. */
function datetimes({ name, schema }: { name: string; schema: string }): { identity: string[]; others: string[] } {
  if (!/datetime/i.test(schema)) return { identity: [], others: [] };
  const table = readTable(schema);
  const columns = table.columns.filter(({ type }) => /^datetime\b/.test(type)).map((column) => column.name);
  const finding = new Set(identityColumns(table));
  const qualified = (column: string) => `${quoteIdentifierIfNeeded(name)}.${quoteIdentifierIfNeeded(column)}`;
  return {
    identity: columns.filter((column) => finding.has(column)).map(qualified),
    others: columns.filter((column) => !finding.has(column)).map(qualified),
  };
}
