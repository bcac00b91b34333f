/** Time zones: offsets ("+05:30"), SYSTEM (which is UTC here), and named zones by ICU's data. */
import { addMicroseconds, fromEpochMicroseconds, type Moment, toEpochMicroseconds } from "./temporal.js";

const formats = new Map<string, Intl.DateTimeFormat>();
const MINUTE = 60_000_000;

/**
 * Is it SYSTEM, an offset within -13:59 and +14:00, or the name of a zone? Names are known to a server whose
 * mysql.time_zone tables were loaded (mysql_tzinfo_to_sql), UTC too.
 */
export function isTimeZone(zone: string, areNamesLoaded = true): boolean {
  if (/^system$/i.test(zone)) return true;
  const offset = fixedOffset(zone);
  if (offset !== undefined) return offset >= -839 && offset <= 840;
  return areNamesLoaded && (isUtc(zone) || format(zone) !== undefined);
}

export function isUtc(zone: string): boolean {
  return /^(?:system|utc|etc\/utc|gmt|[+-]00:00)$/i.test(zone);
}

/** Minutes east of UTC. */
function fixedOffset(zone: string): number | undefined {
  const match = /^([+-])(\d{1,2}):(\d{2})$/.exec(zone);
  if (!match || Number(match[3]) > 59) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === "-" ? -minutes : minutes;
}

function format(zone: string): Intl.DateTimeFormat | undefined {
  const known = formats.get(zone);
  if (known) return known;
  try {
    const created = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, created);
    return created;
  } catch {
    return undefined;
  }
}

/** Minutes east of UTC at a moment of UTC; undefined for an unknown zone. */
function offsetAt(zone: string, utc: Moment): number | undefined {
  if (isUtc(zone)) return 0;
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return fixed;
  const formatter = format(zone);
  if (!formatter) return undefined;
  const milliseconds = Number(toEpochMicroseconds({ ...utc, microsecond: 0 }) / 1000n);
  const parts: Record<string, number> = {};
  for (const { type, value } of formatter.formatToParts(milliseconds)) parts[type] = Number(value);
  const local = Date.UTC(parts.year ?? 0, (parts.month ?? 1) - 1, parts.day, parts.hour, parts.minute, parts.second);
  return Math.round((local - milliseconds) / 60_000);
}

/** A moment of UTC as a clock in the zone shows it; unchanged for an unknown zone. */
export function toZone(utc: Moment, zone: string): Moment {
  return isUtc(zone) ? utc : addMicroseconds(utc, (offsetAt(zone, utc) ?? 0) * MINUTE);
}

/** A clock's time in the zone as UTC; undefined for an unknown zone. */
export function fromZone(local: Moment, zone: string): Moment | undefined {
  if (isUtc(zone)) return local;
  const guess = offsetAt(zone, local);
  if (guess === undefined) return undefined;
  const utc = addMicroseconds(local, -guess * MINUTE);
  // Near a change of the clock the first guess can be of the other side.
  const offset = offsetAt(zone, utc) ?? guess;
  if (offset === guess) return utc;
  const other = addMicroseconds(local, -offset * MINUTE);
  if (offsetAt(zone, other) === offset) return other;
  return changeBetween(zone, other, utc);
}

/** Times that a clock skips are the moment at which it does (sql/tztime.cc, TIME_to_gmt_sec). */
function changeBetween(zone: string, a: Moment, b: Moment): Moment {
  const minuteOf = (moment: Moment) => toEpochMicroseconds(moment) / BigInt(MINUTE);
  const [minuteA, minuteB] = [minuteOf(a), minuteOf(b)];
  let [before, after] = minuteA < minuteB ? [minuteA, minuteB + 1n] : [minuteB, minuteA + 1n];
  const at = (minute: bigint) => fromEpochMicroseconds(minute * BigInt(MINUTE));
  const old = offsetAt(zone, at(before));
  while (after - before > 1n) {
    const middle = (before + after) / 2n;
    if (offsetAt(zone, at(middle)) === old) before = middle;
    else after = middle;
  }
  return at(after);
}
