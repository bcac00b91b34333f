import { errors } from "../errors.js";
import { type Datum, datumText } from "./datum.js";
import { Decimal } from "./decimal.js";
import type { StoreColumn, StoreContext } from "./store.js";
import {
  clampTime,
  formatDate,
  formatDatetime,
  hasZeroPart,
  isTimeInRange,
  isZeroDate,
  parseDatetime,
  parseTime,
  roundFraction,
  roundTime,
} from "./temporal.js";
import { fromZone, toZone } from "./time-zone.js";

const ZERO = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0, microsecond: 0 };

export function storeTemporal(
  column: StoreColumn,
  datum: Exclude<Datum, null>,
  context: StoreContext,
): string | bigint {
  const { type } = column;
  // Numbers read like their digits: 20200131, 101500.5.
  const text = typeof datum === "number" ? Decimal.of(datum).toString() : datumText(datum);
  if (type.base === "year") return storeYear(column, datum, text, context);
  if (type.base === "time") return storeTime(column, text, context);

  const zero = type.base === "date" ? formatDate(ZERO) : formatDatetime(ZERO);
  const refuse = (): string => {
    const name = type.base === "date" ? "date" : "datetime";
    context.complain(errors.incorrectTemporal(name, text, column.name, context.row));
    return zero;
  };
  const parsed = text === "0" ? ZERO : parseDatetime(text);
  if (!parsed) return refuse();
  if (isZeroDate(parsed)) return context.mode("NO_ZERO_DATE") ? refuse() : zero;
  if (hasZeroPart(parsed) && (context.mode("NO_ZERO_IN_DATE") || type.base === "timestamp")) return refuse();
  if (type.base === "date") return formatDate(parsed);
  const rounded = roundFraction(parsed, type.scale ?? 0);
  const offset = "offset" in parsed && typeof parsed.offset === "string" ? parsed.offset : undefined;
  if (type.base !== "timestamp") {
    if (offset === undefined) return formatDatetime(rounded);
    return formatDatetime(toZone(fromZone(rounded, offset) ?? rounded, context.timeZone));
  }
  const utc = fromZone(rounded, offset ?? context.timeZone);
  // 1970-01-01 00:00:01 to 2038-01-19 03:14:07 UTC.
  if (
    !utc ||
    utc.year < 1970 ||
    formatDatetime(utc) <= "1970-01-01 00:00:00" ||
    formatDatetime(utc) >= "2038-01-19 03:14:08"
  ) {
    return refuse();
  }
  return formatDatetime(utc);
}

function storeTime(column: StoreColumn, text: string, context: StoreContext): bigint {
  const parsed = parseTime(text);
  if (parsed === undefined || !isTimeInRange(parsed)) {
    context.complain(errors.incorrectTemporal("time", text, column.name, context.row));
    return clampTime(parsed ?? 0n);
  }
  return roundTime(parsed, column.type.scale ?? 0);
}

function storeYear(column: StoreColumn, datum: Exclude<Datum, null>, text: string, context: StoreContext): bigint {
  const value = Number(text);
  if (/^\d{1,4}$/.test(text.trim())) {
    if (value >= 1901 && value <= 2155) return BigInt(value);
    // The number 0 is the zero year; the text "0" is 2000.
    if (value === 0 && (typeof datum !== "string" || text.trim() === "0000")) return 0n;
    if (value <= 69) return BigInt(2000 + value);
    if (value <= 99) return BigInt(1900 + value);
  }
  context.complain(
    /^\s*-?\d/.test(text)
      ? errors.outOfRange(column.name, context.row)
      : errors.incorrectValue("integer", text, column.name, context.row),
  );
  return 0n;
}
