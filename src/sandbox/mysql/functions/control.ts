/** Functions that choose among their arguments, and those that ask the session. */
import { errors } from "../errors.js";
import { asBoolean, coerceTo, unified } from "../translate/coerce.js";
import { compareSql } from "../translate/compare.js";
import { Coercibility, computed, literal, type Typed } from "../translate/typed.js";
import { intType, textType, uintType } from "../types/sql-type.js";
import { arg, define, type FunctionContext, type Rules } from "./rules.js";

function chosen(args: readonly Typed[], make: (sqls: string[]) => string): Typed {
  const { type, sqls } = unified(args);
  return computed(make(sqls), type, args);
}

function system(value: string | null, context: FunctionContext): Typed {
  context.markVolatile();
  if (value === null) return { ...literal(null), type: textType(64, "utf8mb3_general_ci") };
  const made = literal(value, "utf8mb3_general_ci");
  return { ...made, coercibility: Coercibility.SYSTEM };
}

const databaseName = define(0, 0, (_args, context) => system(context.database ?? null, context));
const user = define(0, 0, (_args, context) => system("vt_app@localhost", context));

export const controlRules: Rules = {
  if: define(3, 3, (args) =>
    chosen(args.slice(1), ([a, b]) => `(CASE WHEN ${asBoolean(arg(args, 0))} THEN ${a} ELSE ${b} END)`),
  ),
  ifnull: define(2, 2, (args) => chosen(args, (sqls) => `ifnull(${sqls.join(", ")})`)),
  coalesce: define(1, 1000, (args) =>
    args.length === 1 ? arg(args, 0) : chosen(args, (sqls) => `coalesce(${sqls.join(", ")})`),
  ),
  nullif: define(2, 2, (args) => {
    const [value, other] = [arg(args, 0), arg(args, 1)];
    return computed(`(CASE WHEN ${compareSql("=", value, other)} THEN NULL ELSE ${value.sql} END)`, value.type, args);
  }),
  isnull: define(1, 1, (args) => computed(`(${arg(args, 0).sql} IS NULL)`, intType(1))),
  any_value: define(1, 1, (args) => arg(args, 0)),
  database: databaseName,
  schema: databaseName,
  version: define(0, 0, (_args, context) => system(context.version, context)),
  user,
  current_user: user,
  session_user: user,
  system_user: user,
  connection_id: define(0, 0, (_args, context) => {
    context.markVolatile();
    return computed(String(context.connectionId), intType(10));
  }),
  last_insert_id: define(0, 0, (_args, context) => {
    context.markVolatile();
    const value = literal(context.lastInsertId);
    return computed(coerceTo(value, uintType()), uintType());
  }),
  row_count: define(0, 0, (_args, context) => {
    context.markVolatile();
    return computed(String(context.rowCount), intType(21));
  }),
  found_rows: define(0, 0, (_args, context) => {
    context.markVolatile();
    return computed("0", intType(21));
  }),
  sleep: define(1, 1, (_args, context) => {
    // One thread serves every session: nobody sleeps.
    context.markVolatile();
    return computed("0", intType(1));
  }),
  interval: define(2, 1000, () => {
    throw errors.unsupported("INTERVAL()");
  }),
};
