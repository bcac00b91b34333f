import { formatDate, type Moment, toEpochMicroseconds } from "../types/temporal.js";

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const two = (value: number): string => String(value).padStart(2, "0");

/** DATE_FORMAT's specifiers (manual, "Date and Time Functions"), those of weeks left out. */
export function dateFormat(value: Moment, format: string): string {
  const hour12 = value.hour % 12 === 0 ? 12 : value.hour % 12;
  const half = value.hour < 12 ? "AM" : "PM";
  const weekday = (): number => new Date(Number(toEpochMicroseconds(value) / 1000n)).getUTCDay();
  const dayOfYear = (): number => {
    const start = toEpochMicroseconds({ ...value, month: 1, day: 1, hour: 0, minute: 0, second: 0, microsecond: 0 });
    return Number((toEpochMicroseconds(value) - start) / 86400000000n) + 1;
  };
  const specifiers: Record<string, () => string> = {
    Y: () => formatDate(value).slice(0, 4),
    y: () => formatDate(value).slice(2, 4),
    m: () => two(value.month),
    c: () => String(value.month),
    M: () => MONTHS[value.month - 1] ?? "",
    b: () => (MONTHS[value.month - 1] ?? "").slice(0, 3),
    d: () => two(value.day),
    e: () => String(value.day),
    D: () => `${value.day}${ordinal(value.day)}`,
    j: () => String(dayOfYear()).padStart(3, "0"),
    W: () => DAYS[weekday()] ?? "",
    a: () => (DAYS[weekday()] ?? "").slice(0, 3),
    w: () => String(weekday()),
    H: () => two(value.hour),
    k: () => String(value.hour),
    h: () => two(hour12),
    I: () => two(hour12),
    l: () => String(hour12),
    i: () => two(value.minute),
    s: () => two(value.second),
    S: () => two(value.second),
    f: () => String(value.microsecond).padStart(6, "0"),
    p: () => half,
    T: () => `${two(value.hour)}:${two(value.minute)}:${two(value.second)}`,
    r: () => `${two(hour12)}:${two(value.minute)}:${two(value.second)} ${half}`,
  };
  return format.replace(/%([\s\S])/g, (_found, letter: string) => specifiers[letter]?.() ?? letter);
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return "th";
  return { 1: "st", 2: "nd", 3: "rd" }[day % 10] ?? "th";
}
