/**
 * Dates and times as MySQL reads and writes them (manual, "Date and Time Literals"): relaxed
 * delimiters, two-digit years, numbers without delimiters, fractions rounded to the column's digits.
 */

export interface Moment {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  microsecond: number;
}

const DELIMITED =
  /^(\d{4}|\d{1,2})[-/.:^@]+(\d{1,2})[-/.:^@]+(\d{1,2})(?:(?:[T\s]+)(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?)?(Z|[+-]\d{2}:\d{2})?$/;
const COMPACT = /^(\d{4}|\d{2})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?)?(?:\.(\d*))?$/;

/** undefined when the text is no date. Zero months and days are let through: sql_mode decides about them. */
export function parseDatetime(text: string): (Moment & { offset?: string }) | undefined {
  const trimmed = text.trim();
  const match = DELIMITED.exec(trimmed) ?? compact(trimmed);
  if (!match) return undefined;
  const [, yearText = "", month, day, hour, minute, second, fraction = "", offset] = match;
  const moment: Moment = {
    year: fullYear(yearText),
    month: Number(month),
    day: Number(day),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    microsecond: 0,
  };
  if (!isValid(moment)) return undefined;
  return { ...withFraction(moment, fraction), ...(offset && { offset }) };
}

function compact(text: string): RegExpExecArray | null {
  const digits = /^\d+/.exec(text)?.[0].length ?? 0;
  if (![6, 8, 12, 14].includes(digits)) return null;
  // 12 digits are YYMMDDhhmmss, 14 have a four-digit year; so are 6 and 8.
  const pattern =
    digits === 6 || digits === 12 ? /^(\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?(?:\.(\d*))?$/ : COMPACT;
  return pattern.exec(text);
}

function fullYear(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 70 ? 2000 + year : 1900 + year;
}

function withFraction(moment: Moment, fraction: string): Moment {
  if (fraction === "") return moment;
  const microsecond = Math.round(Number(`0.${fraction}`) * 1e6);
  return microsecond < 1e6 ? { ...moment, microsecond } : addMicroseconds(moment, 1e6);
}

function isValid({ year, month, day, hour, minute, second }: Moment): boolean {
  if (month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  return day <= (month === 0 ? 31 : daysInMonth(year, month));
}

export function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

export function isZeroDate({ year, month, day }: Moment): boolean {
  return year === 0 && month === 0 && day === 0;
}

export function hasZeroPart({ month, day }: Moment): boolean {
  return month === 0 || day === 0;
}

/** Rounds to `digits` of a second. */
export function roundFraction(moment: Moment, digits: number): Moment {
  const unit = 10 ** (6 - digits);
  const rounded = Math.round(moment.microsecond / unit) * unit;
  if (rounded < 1e6) return { ...moment, microsecond: rounded };
  return hasZeroPart(moment) ? { ...moment, microsecond: 0 } : addMicroseconds({ ...moment, microsecond: 0 }, 1e6);
}

export function toEpochMicroseconds(moment: Moment): bigint {
  const date = new Date(0);
  date.setUTCFullYear(moment.year, moment.month - 1, moment.day);
  date.setUTCHours(moment.hour, moment.minute, moment.second);
  return BigInt(date.getTime()) * 1000n + BigInt(moment.microsecond);
}

export function fromEpochMicroseconds(value: bigint): Moment {
  const microsecond = Number(((value % 1000000n) + 1000000n) % 1000000n);
  const date = new Date(Number((value - BigInt(microsecond)) / 1000n));
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    microsecond,
  };
}

export function addMicroseconds(moment: Moment, microseconds: number | bigint): Moment {
  return fromEpochMicroseconds(toEpochMicroseconds(moment) + BigInt(microseconds));
}

const two = (value: number): string => String(value).padStart(2, "0");

export function formatDate({ year, month, day }: Moment): string {
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

/** As stored: the fraction without trailing zeros. */
export function formatDatetime(moment: Moment): string {
  const fraction = moment.microsecond === 0 ? "" : `.${String(moment.microsecond).padStart(6, "0").replace(/0+$/, "")}`;
  return `${formatDate(moment)} ${two(moment.hour)}:${two(moment.minute)}:${two(moment.second)}${fraction}`;
}

/** A datetime as formatDatetime wrote it, without the tolerance of parseDatetime; undefined for other texts. */
export function readStored(text: string): Moment | undefined {
  if (text.length < 19 || text.charAt(4) !== "-" || text.charAt(10) !== " ") return undefined;
  const number = (from: number, to: number) => Number(text.slice(from, to));
  return {
    year: number(0, 4),
    month: number(5, 7),
    day: number(8, 10),
    hour: number(11, 13),
    minute: number(14, 16),
    second: number(17, 19),
    microsecond: text.length > 20 ? Number(text.slice(20).padEnd(6, "0")) : 0,
  };
}

/** A stored datetime with `digits` of a second, as results show it. */
export function padFraction(stored: string, digits: number): string {
  const whole = stored.slice(0, 19);
  if (digits === 0) return whole;
  return `${whole}.${stored.slice(20).padEnd(digits, "0").slice(0, digits)}`;
}

const TIME = /^(-?)(?:(\d+)\s+)?(\d+)(?::(\d{1,2}))?(?::(\d{1,2}))?(?:\.(\d*))?$/;
const MAX_TIME = 3020399000000n;

/** A time in microseconds, undefined when the text is none. */
export function parseTime(text: string): bigint | undefined {
  const trimmed = text.trim();
  const datetime = /^\d{4}-\d/.test(trimmed) ? parseDatetime(trimmed) : undefined;
  if (datetime) {
    return (
      BigInt((datetime.hour * 60 + datetime.minute) * 60 + datetime.second) * 1000000n + BigInt(datetime.microsecond)
    );
  }
  const match = TIME.exec(trimmed);
  if (!match) return undefined;
  const [, sign, days = "0", first = "0", second, third, fraction = ""] = match;
  let [hours, minutes, seconds] = [Number(first), Number(second ?? 0), Number(third ?? 0)];
  if (second === undefined && match[2] === undefined) {
    // Without delimiters the digits are read from the right: 1112 is 00:11:12.
    hours = Math.floor(Number(first) / 10000);
    minutes = Math.floor(Number(first) / 100) % 100;
    seconds = Number(first) % 100;
  }
  if (minutes > 59 || seconds > 59) return undefined;
  const microseconds = fraction === "" ? 0 : Math.round(Number(`0.${fraction}`) * 1e6);
  const total = BigInt((Number(days) * 24 + hours) * 3600 + minutes * 60 + seconds) * 1000000n + BigInt(microseconds);
  return sign === "-" ? -total : total;
}

export function isTimeInRange(value: bigint): boolean {
  return value <= MAX_TIME && value >= -MAX_TIME;
}

export function clampTime(value: bigint): bigint {
  return value > MAX_TIME ? MAX_TIME : value < -MAX_TIME ? -MAX_TIME : value;
}

export function roundTime(value: bigint, digits: number): bigint {
  const unit = 10n ** BigInt(6 - digits);
  const half = unit / 2n;
  return ((value < 0n ? value - half : value + half) / unit) * unit;
}

export function formatTime(value: bigint, digits: number): string {
  const magnitude = value < 0n ? -value : value;
  const seconds = Number(magnitude / 1000000n);
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const fraction =
    digits === 0
      ? ""
      : `.${String(magnitude % 1000000n)
          .padStart(6, "0")
          .slice(0, digits)}`;
  return `${value < 0n ? "-" : ""}${text}${fraction}`;
}
