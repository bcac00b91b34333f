/** Translated expressions: SQLite text with MySQL's static type. */
import { DEFAULT_COLLATION } from "../collations.js";
import { Bits, biased, type Datum, type Stored } from "../types/datum.js";
import { Decimal } from "../types/decimal.js";
import {
  binaryType,
  decimalType,
  doubleType,
  Flags,
  intType,
  NULL_TYPE,
  type SqlType,
  textType,
  uintType,
} from "../types/sql-type.js";

/** Who decides the collation of a comparison: the lower the stronger (manual, "Collation Coercibility"). */
export const Coercibility = { EXPLICIT: 0, COLUMN: 2, SYSTEM: 3, LITERAL: 4, NUMERIC: 5, NULL: 6 } as const;

interface Origin {
  database: string;
  /** The table's alias, and its own name. */
  table: string;
  orgTable: string;
  orgName: string;
}

export interface Typed {
  sql: string;
  type: SqlType;
  coercibility: number;
  /** The value of a literal, so that it can be converted while translating. */
  literal?: Datum;
  origin?: Origin;
  isAggregate?: boolean;
  /** A timestamp column as it is stored, in UTC; `sql` shows it in the session's zone, where an hour may come twice. */
  inUtc?: string;
  /** 1, 0 or NULL: it can stand in WHERE as it is, where SQLite finds the index for it. */
  isCondition?: boolean;
}

/** The collation under which SQLite orders decimals. */
export const DECIMAL_ORDER = "decimal_order";

const MIN = -(1n << 63n);
const MAX = (1n << 63n) - 1n;

/** An INTEGER of SQLite; its smallest can't be written as a literal. */
function sqlInteger(value: bigint): string {
  if (value === MIN) return "(-9223372036854775807 - 1)";
  return value < 0n ? `(${value})` : `${value}`;
}

/** A TEXT of SQLite: literals end at NUL, so those texts go as hex. */
export function sqlText(text: string): string {
  if (text.includes("\0")) return `CAST(${sqlBlob(Buffer.from(text))} AS TEXT)`;
  return `'${text.replaceAll("'", "''")}'`;
}

function sqlBlob(bytes: Uint8Array): string {
  return `x'${Buffer.from(bytes).toString("hex")}'`;
}

function sqlReal(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "9e999" : value < 0 ? "-9e999" : "NULL";
  const text = String(value);
  return /[.e]/.test(text) ? `(${text})` : `(${text}.0)`;
}

/** A stored value as SQLite text. */
export function sqlStored(value: Stored): string {
  if (value === null) return "NULL";
  if (typeof value === "bigint") return sqlInteger(value);
  if (typeof value === "number") return sqlReal(value);
  return typeof value === "string" ? sqlText(value) : sqlBlob(value);
}

/** A literal's type as MySQL gives it, and its text. */
export function literal(value: Datum, collation = DEFAULT_COLLATION): Typed {
  const notNull = Flags.NOT_NULL;
  if (value === null) return { sql: "NULL", type: NULL_TYPE, coercibility: Coercibility.NULL, literal: null };
  if (typeof value === "bigint") {
    const length = value.toString().length + (value < 0n ? 0 : 1);
    if (value >= MIN && value <= MAX) {
      return {
        sql: sqlInteger(value),
        type: intType(length, notNull),
        coercibility: Coercibility.NUMERIC,
        literal: value,
      };
    }
    if (value > MAX && value < 1n << 64n) {
      const type = { ...uintType(length), flags: uintType().flags | notNull };
      return { sql: sqlInteger(biased(value)), type, coercibility: Coercibility.NUMERIC, literal: value };
    }
    return literal(Decimal.of(value));
  }
  if (typeof value === "number") {
    const type = { ...doubleType(), flags: doubleType().flags | notNull };
    return { sql: sqlReal(value), type, coercibility: Coercibility.NUMERIC, literal: value };
  }
  if (value instanceof Decimal) {
    const precision = Math.max(value.wholeDigits, 1) + value.scale;
    const type = decimalType(precision, value.scale);
    return {
      sql: sqlText(value.toString()),
      type: { ...type, flags: type.flags | notNull },
      coercibility: Coercibility.NUMERIC,
      literal: value,
    };
  }
  if (typeof value === "string") {
    const type = textType(Array.from(value).length, collation);
    return {
      sql: sqlText(value),
      type: { ...type, flags: type.flags | notNull },
      coercibility: Coercibility.LITERAL,
      literal: value,
    };
  }
  const bytes = value instanceof Bits ? value.bytes : value;
  const type = binaryType(bytes.length);
  return {
    sql: sqlBlob(bytes),
    type: { ...type, flags: type.flags | notNull },
    coercibility: Coercibility.LITERAL,
    literal: value,
  };
}

/** The result of an operation: it has a type, and nothing of its operands' identity. */
export function computed(sql: string, type: SqlType, from: readonly Typed[] = []): Typed {
  const strongest = from
    .filter((each) => each.type.collation !== undefined)
    .sort((a, b) => a.coercibility - b.coercibility)[0];
  const isAggregate = from.some((each) => each.isAggregate);
  return {
    sql,
    type,
    coercibility: strongest?.coercibility ?? (type.collation ? Coercibility.LITERAL : Coercibility.NUMERIC),
    ...(isAggregate && { isAggregate }),
  };
}

/** The collation that text operands share: the strongest one's; among equals one of Unicode's wins, then a binary one. */
export function sharedCollation(operands: readonly Typed[]): string {
  const texts = operands.filter((each) => each.type.collation !== undefined);
  let best: Typed | undefined;
  for (const each of texts) {
    const isStronger = best === undefined || each.coercibility < best.coercibility;
    const isTie = best !== undefined && each.coercibility === best.coercibility;
    if (isStronger || (isTie && rank(each) > rank(best))) best = each;
  }
  return best?.type.collation ?? DEFAULT_COLLATION;
}

function rank(operand: Typed | undefined): number {
  const collation = operand?.type.collation ?? "";
  return (collation.startsWith("utf8") ? 2 : 0) + (collation.endsWith("_bin") ? 1 : 0);
}
