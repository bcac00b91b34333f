import { errors } from "../errors.js";
import { asInt, asTemporal, asText } from "../translate/coerce.js";
import { computed, type Typed } from "../translate/typed.js";
import { decimalType, intType, temporalType, textType } from "../types/sql-type.js";
import {
  formatDate,
  formatDatetime,
  type Moment,
  parseDatetime,
  parseTime,
  toEpochMicroseconds,
} from "../types/temporal.js";
import { toZone } from "../types/time-zone.js";
import { arg, call, define, type FunctionContext, type Rules, text } from "./rules.js";

const COLLATION = "utf8mb4_0900_ai_ci";

function constant(
  moment: Moment,
  kind: "date" | "datetime" | "time",
  args: readonly Typed[],
  context: FunctionContext,
): Typed {
  context.markVolatile();
  const digits = typeof args[0]?.literal === "bigint" ? Number(args[0].literal) : 0;
  // The clock is cut, not rounded.
  const unit = 10 ** (6 - digits);
  const cut = { ...moment, microsecond: Math.floor(moment.microsecond / unit) * unit };
  if (kind === "date") return computed(`'${formatDate(cut)}'`, temporalType("date", 0));
  const value = formatDatetime(cut);
  if (kind === "datetime") return computed(`'${value}'`, temporalType("datetime", digits));
  return computed(String(parseTime(value) ?? 0n), temporalType("time", digits));
}

const local = (kind: "date" | "datetime" | "time"): Rules[string] =>
  define(0, 1, (args, context) => constant(toZone(context.now, context.timeZone), kind, args, context));
const utc = (kind: "date" | "datetime" | "time"): Rules[string] =>
  define(0, 1, (args, context) => constant(context.now, kind, args, context));
const part = (name: string, kind: "datetime" | "time" = "datetime", width = 2): Rules[string] =>
  define(1, 1, (args) =>
    computed(
      `my_date_part('${name}', ${kind === "time" ? timeOrDatetime(arg(args, 0)) : asTemporal(arg(args, 0), kind)})`,
      intType(width),
    ),
  );

/** TIME values have hours beyond 23, and texts may be times; everything else reads as a date with a time. */
function timeOrDatetime(operand: Typed): string {
  const { representation } = operand.type;
  if (representation === "time") return operand.sql;
  return representation === "text" ? `my_to_time(${operand.sql})` : asTemporal(operand, "datetime");
}

function extracted(unit: Typed, operand: Typed): Typed {
  const isOfTime = typeof unit.literal === "string" && /^(?:hour|minute|second|microsecond)/.test(unit.literal);
  const value = isOfTime ? timeOrDatetime(operand) : asTemporal(operand, "datetime");
  return computed(`my_date_part(${unit.sql}, ${value})`, intType(6));
}

export const dateRules: Rules = {
  now: local("datetime"),
  sysdate: local("datetime"),
  current_timestamp: local("datetime"),
  localtime: local("datetime"),
  localtimestamp: local("datetime"),
  curdate: local("date"),
  current_date: local("date"),
  curtime: local("time"),
  current_time: local("time"),
  utc_timestamp: utc("datetime"),
  utc_date: utc("date"),
  utc_time: utc("time"),
  unix_timestamp: define(0, 1, (args, context) => {
    const [operand] = args;
    context.markVolatile();
    if (!operand) return computed(String(toEpochMicroseconds(context.now) / 1000000n), intType(11));
    const scale = operand.type.representation === "datetime" ? operand.type.scale : fractionDigits(operand);
    const moment =
      operand.inUtc === undefined
        ? `${asTemporal(operand, "datetime")}, ${scale}, '${context.timeZone}'`
        : `${operand.inUtc}, ${scale}, 'UTC'`;
    const value = `my_unix_timestamp(${moment})`;
    return scale === 0
      ? computed(`CAST(${value} AS INTEGER)`, intType(11), args)
      : computed(value, decimalType(11 + scale, scale), args);
  }),
  from_unixtime: define(1, 2, (args, context) => {
    const value = `my_from_unixtime(${asInt(arg(args, 0))}, '${context.timeZone}')`;
    if (args.length === 1) return computed(value, temporalType("datetime", 0), args);
    return call("my_date_format", [value, text(args, 1)], textType(64, COLLATION), args);
  }),
  convert_tz: define(3, 3, (args) => {
    const operand = arg(args, 0);
    const scale = operand.type.representation === "datetime" ? operand.type.scale : fractionDigits(operand);
    return call(
      "my_convert_tz",
      [asTemporal(operand, "datetime"), text(args, 1), text(args, 2)],
      temporalType("datetime", scale),
      [],
    );
  }),
  date: define(1, 1, (args) => computed(asTemporal(arg(args, 0), "date"), temporalType("date", 0))),
  time: define(1, 1, (args) =>
    computed(asTemporal(arg(args, 0), "time"), temporalType("time", arg(args, 0).type.scale)),
  ),
  timestamp: define(1, 1, (args) =>
    computed(asTemporal(arg(args, 0), "datetime"), temporalType("datetime", arg(args, 0).type.scale)),
  ),
  year: part("year", "datetime", 4),
  month: part("month"),
  day: part("day"),
  dayofmonth: part("day"),
  hour: part("hour", "time"),
  minute: part("minute", "time"),
  second: part("second", "time"),
  microsecond: part("microsecond", "time", 6),
  quarter: part("quarter"),
  dayofweek: part("dayofweek"),
  weekday: part("weekday"),
  dayofyear: part("dayofyear"),
  to_days: part("to_days", "datetime", 6),
  to_seconds: part("to_seconds", "datetime", 11),
  extract: define(2, 2, (args) => extracted(arg(args, 0), arg(args, 1))),
  last_day: define(1, 1, (args) =>
    call("my_last_day", [asTemporal(arg(args, 0), "date")], temporalType("date", 0), []),
  ),
  datediff: define(2, 2, (args) =>
    computed(
      `(my_date_part('to_days', ${asTemporal(arg(args, 0), "datetime")}) - my_date_part('to_days', ${asTemporal(arg(args, 1), "datetime")}))`,
      intType(7),
    ),
  ),
  timestampdiff: define(3, 3, (args) =>
    call(
      "my_timestampdiff",
      [arg(args, 0).sql, asTemporal(arg(args, 1), "datetime"), asTemporal(arg(args, 2), "datetime")],
      intType(21),
      [],
    ),
  ),
  date_format: define(2, 2, (args) =>
    call("my_date_format", [asTemporal(arg(args, 0), "datetime"), text(args, 1)], textType(64, COLLATION), args),
  ),
  time_to_sec: define(1, 1, (args) => computed(`(${asTemporal(arg(args, 0), "time")} / 1000000)`, intType(10))),
  sec_to_time: define(1, 1, (args) => computed(`(${asInt(arg(args, 0))} * 1000000)`, temporalType("time", 0))),
};

function fractionDigits({ literal: value, type }: Typed): number {
  if (typeof value !== "string") return type.representation === "text" ? 6 : 0;
  return Math.min(/\.(\d+)$/.exec(value)?.[1]?.length ?? 0, 6);
}

const UNITS = new Set(["microsecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year"]);

/** DATE_ADD, DATE_SUB and `+ interval`: dates stay dates when the unit is days or longer. */
export function addInterval(operand: Typed, amount: Typed, unit: string, negative: boolean): Typed {
  const isCompound = unit.includes("_");
  if (!isCompound && !UNITS.has(unit)) throw errors.syntax(unit, 1);
  const isDay = ["day", "week", "month", "quarter", "year", "year_month"].includes(unit);
  const value = isCompound || unit === "second" ? asText(amount) : asInt(amount);
  const sign = negative ? -1 : 1;
  const { representation } = operand.type;
  if (representation === "time" && !isDay) {
    return computed(
      `my_time_add(${operand.sql}, ${value}, '${unit}', ${sign})`,
      temporalType("time", operand.type.scale),
      [operand],
    );
  }
  const fraction = unit === "microsecond" || unit.endsWith("_microsecond") ? 6 : operand.type.scale;
  if (representation === "date" && isDay) {
    return computed(
      `my_date_add(${operand.sql} || ' 00:00:00', ${value}, '${unit}', ${sign}, 'date')`,
      temporalType("date", 0),
      [operand],
    );
  }
  const moment = `my_date_add(${asTemporal({ ...operand, ...loose(operand) }, "datetime")}, ${value}, '${unit}', ${sign}, 'datetime')`;
  if (representation === "date" || representation === "datetime")
    return computed(moment, temporalType("datetime", fraction), [operand]);
  // A text argument gives text: a date when it had no time.
  const shown = isDay && isDateOnly(operand) ? `substr(${moment}, 1, 10)` : moment;
  return computed(shown, textType(29, COLLATION), [operand]);
}

/** Without its literal a bad date gives NULL, not an error. */
function loose(operand: Typed): Partial<Typed> {
  return typeof operand.literal === "string" && !parseDatetime(operand.literal) ? { literal: null, sql: "NULL" } : {};
}

function isDateOnly({ literal: value }: Typed): boolean {
  return typeof value === "string" && /^\d+-\d+-\d+$/.test(value);
}
