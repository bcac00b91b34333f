/** What the date functions' translations call. */
import type { Engine } from "../engine.js";
import { errors } from "../errors.js";
import type { Stored } from "../types/datum.js";
import { Decimal } from "../types/decimal.js";
import {
  addMicroseconds,
  daysInMonth,
  formatDate,
  formatDatetime,
  formatTime,
  hasZeroPart,
  type Moment,
  padFraction,
  parseDatetime,
  parseTime,
  readStored,
  roundFraction,
  toEpochMicroseconds,
} from "../types/temporal.js";
import { fromZone, isTimeZone, toZone } from "../types/time-zone.js";
import { dateFormat } from "./date-format.js";

const moment = (value: Stored | undefined): Moment | undefined =>
  typeof value === "string" ? parseDatetime(value) : undefined;

/** 3001-01-18 23:59:59, from MySQL 8.0.28 on. */
const LAST_TIMESTAMP = 32536771199n;

/** `areNamesLoaded`: does the server know time zones by their names? */
export function installDates(engine: Engine, areNamesLoaded: boolean): void {
  engine.scalar("my_to_datetime", ([value]) => {
    const parsed = moment(value);
    return parsed ? formatDatetime(parsed) : null;
  });
  engine.scalar("my_to_date", ([value]) => {
    const parsed = moment(value);
    return parsed ? formatDate(parsed) : null;
  });
  engine.scalar("my_to_time", ([value]) => (value === null ? null : (parseTime(String(value)) ?? null)));
  engine.scalar(
    "my_time_to_datetime",
    ([value]) => (value === null ? null : formatDatetime(addMicroseconds(today(), BigInt(value as bigint)))),
    { deterministic: false },
  );
  engine.scalar(
    "my_time_to_date",
    ([value]) => (value === null ? null : formatDate(addMicroseconds(today(), BigInt(value as bigint)))),
    { deterministic: false },
  );
  engine.scalar("my_datetime_text", ([value, digits]) =>
    value === null ? null : padFraction(String(value), Number(digits)),
  );
  engine.scalar("my_datetime_round", ([value, digits]) => {
    const parsed = moment(value);
    return parsed ? formatDatetime(roundFraction(parsed, Number(digits))) : null;
  });
  engine.scalar("my_time_text", ([value, digits]) =>
    value === null ? null : formatTime(BigInt(value as bigint), Number(digits)),
  );
  engine.scalar("my_in_zone", ([value, zone]) => {
    const parsed = moment(value);
    if (!parsed) return null;
    return hasZeroPart(parsed) ? String(value) : formatDatetime(toZone(parsed, String(zone)));
  });
  engine.scalar("my_convert_tz", ([value, from, to]) => {
    const parsed = moment(value);
    if (!parsed || from === null || to === null || hasZeroPart(parsed)) return null;
    if (!isTimeZone(String(from), areNamesLoaded) || !isTimeZone(String(to), areNamesLoaded)) return null;
    const inUtc = fromZone(parsed, String(from));
    if (inUtc === undefined) return null;
    // What no TIMESTAMP could hold stays as it is.
    const seconds = toEpochMicroseconds(inUtc) / 1_000_000n;
    return formatDatetime(seconds < 1n || seconds > LAST_TIMESTAMP ? parsed : toZone(inUtc, String(to)));
  });
  // As text, with `digits` behind the point; 0 for what no TIMESTAMP could hold.
  engine.scalar("my_unix_timestamp", ([value, digits, zone]) => {
    const parsed = typeof value === "string" ? (readStored(value) ?? parseDatetime(value)) : undefined;
    if (!parsed) return null;
    const inUtc = hasZeroPart(parsed) ? undefined : fromZone(parsed, String(zone));
    const microseconds = inUtc ? toEpochMicroseconds(inUtc) : 0n;
    const known = microseconds < 0n || microseconds / 1_000_000n > LAST_TIMESTAMP ? 0n : microseconds;
    return new Decimal(known, 6).truncated(Number(digits)).toString();
  });
  engine.scalar("my_from_unixtime", ([value, zone]) => {
    if (value === null || Number(value) < 0) return null;
    return formatDatetime(toZone(addMicroseconds(EPOCH, BigInt(value as bigint) * 1000000n), String(zone)));
  });
  engine.scalar("my_date_part", ([unit, value]) => {
    if (value === null || value === undefined) return null;
    const parsed = typeof value === "bigint" ? momentOfTime(value) : moment(value);
    return parsed ? BigInt(datePart(String(unit), parsed)) : null;
  });
  engine.scalar("my_last_day", ([value]) => {
    const parsed = moment(value);
    return parsed && parsed.month > 0 ? formatDate({ ...parsed, day: daysInMonth(parsed.year, parsed.month) }) : null;
  });
  engine.scalar("my_date_format", ([value, format]) => {
    const parsed = moment(value);
    return parsed && format !== null ? dateFormat(parsed, String(format)) : null;
  });
  engine.scalar("my_timestampdiff", ([unit, from, to]) => {
    const [start, end] = [moment(from), moment(to)];
    return start && end ? difference(String(unit), start, end) : null;
  });
  engine.scalar("my_date_add", ([value, amount, unit, sign, kind]) => {
    const parsed = moment(value);
    if (!parsed || amount === null || amount === undefined || hasZeroPart(parsed)) return null;
    const added = shift(parsed, String(amount), String(unit), Number(sign));
    if (added.year < 0 || added.year > 9999) return null;
    return kind === "date" ? formatDate(added) : formatDatetime(added);
  });
  engine.scalar("my_time_add", ([value, amount, unit, sign]) => {
    if (value === null || amount === null) return null;
    const [, microseconds] = parseAmount(String(amount), String(unit));
    return BigInt(value as bigint) + BigInt(Number(sign)) * microseconds;
  });
}

const EPOCH: Moment = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, microsecond: 0 };

function today(): Moment {
  const now = new Date();
  return { ...EPOCH, year: now.getUTCFullYear(), month: now.getUTCMonth() + 1, day: now.getUTCDate() };
}

function momentOfTime(value: bigint): Moment {
  const magnitude = value < 0n ? -value : value;
  const seconds = Number(magnitude / 1000000n);
  return {
    year: 0,
    month: 0,
    day: 0,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    microsecond: Number(magnitude % 1000000n),
  };
}

const DAY_MICROSECONDS = 86400000000n;

function dayNumber(value: Moment): number {
  // Day 719528 is 1970-01-01.
  return (
    Number(toEpochMicroseconds({ ...value, hour: 0, minute: 0, second: 0, microsecond: 0 }) / DAY_MICROSECONDS) + 719528
  );
}

function datePart(unit: string, value: Moment): number {
  switch (unit) {
    case "year":
    case "month":
    case "day":
    case "hour":
    case "minute":
    case "second":
    case "microsecond":
      return value[unit];
    case "quarter":
      return Math.ceil(value.month / 3);
    case "dayofweek":
      return ((dayNumber(value) + 6) % 7) + 1;
    case "weekday":
      return (dayNumber(value) + 5) % 7;
    case "dayofyear":
      return dayNumber(value) - dayNumber({ ...value, month: 1, day: 1 }) + 1;
    case "to_days":
      return dayNumber(value);
    case "to_seconds":
      return dayNumber(value) * 86400 + value.hour * 3600 + value.minute * 60 + value.second;
    default:
      return compoundPart(unit, value);
  }
}

const UNIT_ORDER = ["year", "month", "day", "hour", "minute", "second", "microsecond"] as const;

/** YEAR_MONTH of 2020-05-06 is 202005. */
function compoundPart(unit: string, value: Moment): number {
  const [first = "", last = ""] = unit.split("_");
  const names: readonly string[] = UNIT_ORDER;
  const [from, to] = [names.indexOf(first), names.indexOf(last)];
  if (from < 0 || to <= from) throw errors.syntax(unit, 1);
  const digits = UNIT_ORDER.slice(from, to + 1).map((name) =>
    String(value[name]).padStart(name === "microsecond" ? 6 : 2, "0"),
  );
  return Number(digits.join(""));
}

function difference(unit: string, start: Moment, end: Moment): bigint {
  const microseconds = toEpochMicroseconds(end) - toEpochMicroseconds(start);
  const sizes: Record<string, bigint> = {
    microsecond: 1n,
    second: 1000000n,
    minute: 60000000n,
    hour: 3600000000n,
    day: DAY_MICROSECONDS,
    week: 7n * DAY_MICROSECONDS,
  };
  const size = sizes[unit];
  if (size) return microseconds / size;
  const [early, late] = microseconds < 0n ? [end, start] : [start, end];
  let months = (late.year - early.year) * 12 + late.month - early.month;
  const rest = (value: Moment): string => formatDatetime({ ...value, year: 2000, month: 1 });
  if (rest(late) < rest(early)) months--;
  const count = Math.floor(months / (unit === "year" ? 12 : unit === "quarter" ? 3 : 1));
  return BigInt(microseconds < 0n ? -count : count);
}

/** Months, and microseconds. */
function parseAmount(amount: string, unit: string): [months: number, microseconds: bigint] {
  const seconds = (value: string): bigint => {
    const [whole = "0", fraction = ""] = value.trim().replace("-", "").split(".");
    const total =
      BigInt(Number.parseInt(whole, 10) || 0) * 1000000n + BigInt(Number(fraction.padEnd(6, "0").slice(0, 6)) || 0);
    return value.trim().startsWith("-") ? -total : total;
  };
  const count = BigInt(Math.round(Number.parseFloat(amount) || 0));
  switch (unit) {
    case "microsecond":
      return [0, count];
    case "second":
      return [0, seconds(amount)];
    case "minute":
      return [0, count * 60000000n];
    case "hour":
      return [0, count * 3600000000n];
    case "day":
      return [0, count * DAY_MICROSECONDS];
    case "week":
      return [0, count * 7n * DAY_MICROSECONDS];
    case "month":
      return [Number(count), 0n];
    case "quarter":
      return [Number(count) * 3, 0n];
    case "year":
      return [Number(count) * 12, 0n];
    default:
      return compoundAmount(amount, unit);
  }
}

/** '1:30' MINUTE_SECOND, '2 12' DAY_HOUR, '1-6' YEAR_MONTH: the last number belongs to the last unit. */
function compoundAmount(amount: string, unit: string): [number, bigint] {
  const order: readonly string[] = UNIT_ORDER;
  const [first = "", last = ""] = unit.split("_");
  const names = order.slice(order.indexOf(first), order.indexOf(last) + 1);
  const numbers = amount.match(/\d+/g) ?? [];
  let months = 0;
  let microseconds = 0n;
  for (const [i, digits] of numbers.entries()) {
    const name = names[names.length - numbers.length + i] ?? last;
    const [m, us] = parseAmount(name === "microsecond" ? digits.padEnd(6, "0") : digits, name);
    months += m;
    microseconds += us;
  }
  return /^\s*-/.test(amount) ? [-months, -microseconds] : [months, microseconds];
}

function shift(value: Moment, amount: string, unit: string, sign: number): Moment {
  const [months, microseconds] = parseAmount(amount, unit);
  let shifted = value;
  if (months !== 0) {
    const total = value.year * 12 + value.month - 1 + sign * months;
    const [year, month] = [Math.floor(total / 12), (((total % 12) + 12) % 12) + 1];
    shifted = { ...value, year, month, day: Math.min(value.day, daysInMonth(year, month)) };
  }
  return microseconds === 0n ? shifted : addMicroseconds(shifted, BigInt(sign) * microseconds);
}
