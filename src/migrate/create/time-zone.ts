import { forEachAtOnce } from "../../concurrency.js";
import { PreflightError } from "../../errors.js";
import type { CallOptions } from "../../tablet/port.js";
import { sqlString } from "../../wire/sql.js";
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
