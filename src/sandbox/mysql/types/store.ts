/** Values into columns: conversion, and MySQL's errors where a value doesn't fit. */
import { charsetOf, comparator } from "../collations.js";
import { errors } from "../errors.js";
import type { MysqlError } from "../port.js";
import { type ColumnType, integerRange, isInteger, isLob, maxBytes } from "./column-type.js";
import { Bits, biased, type Datum, datumText, type Stored } from "./datum.js";
import { Decimal } from "./decimal.js";
import { leadingNumber } from "./double.js";
import { JsonSyntaxError, normaliseJson, quoteJson } from "./json.js";
import { storeTemporal } from "./store-temporal.js";

export interface StoreContext {
  /** 1-based, for messages. */
  row: number;
  /** Whether the session's sql_mode has this. */
  mode(name: string): boolean;
  /** The session's time zone, for timestamps. */
  timeZone: string;
  /** Throws in strict mode; else notes a warning, and the caller stores the nearest value. */
  complain(error: MysqlError): void;
}

export interface StoreColumn {
  name: string;
  type: ColumnType;
}

/** NULL stays NULL: whether a column takes it is the caller's question. */
export function storeValue(column: StoreColumn, datum: Datum, context: StoreContext): Stored {
  if (datum === null) return null;
  const { type } = column;
  if (isInteger(type)) return storeInteger(column, datum, context);
  switch (type.base) {
    case "decimal":
      return storeDecimal(column, datum, context);
    case "float":
    case "double":
      return storeDouble(column, datum, context);
    case "bit":
      return storeBit(column, datum, context);
    case "enum":
      return storeEnum(column, datum, context);
    case "set":
      return storeSet(column, datum, context);
    case "json":
      return storeJson(column, datum, context);
    case "date":
    case "datetime":
    case "timestamp":
    case "time":
    case "year":
      return storeTemporal(column, datum, context);
    case "char":
    case "varchar":
    case "tinytext":
    case "text":
    case "mediumtext":
    case "longtext":
      return storeText(column, datum, context);
    default:
      return storeBinary(column, datum, context);
  }
}

const NUMERIC_TEXT = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/;

/** The exact number a datum stands for; complains about text that isn't one. */
function exactNumber(
  column: StoreColumn,
  datum: Exclude<Datum, null>,
  typeName: string,
  context: StoreContext,
): Decimal {
  if (typeof datum === "bigint") return Decimal.of(datum);
  if (datum instanceof Decimal) return datum;
  if (datum instanceof Bits) return Decimal.of(datum.toBigInt());
  if (typeof datum === "number") return Decimal.of(datum);
  const text = datumText(datum);
  if (!NUMERIC_TEXT.test(text)) {
    const partly = /^\s*[+-]?\d/.test(text);
    context.complain(
      partly && typeName !== "double"
        ? errors.truncated(column.name, context.row)
        : errors.incorrectValue(typeName, text, column.name, context.row),
    );
    return Decimal.of(leadingNumber(text));
  }
  return Decimal.parse(text.trim()) ?? Decimal.of(0n);
}

function storeInteger(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): bigint {
  const value = typeof datum === "bigint" ? datum : exactNumber(column, datum, "integer", context).toBigInt();
  const [low, high] = integerRange(column.type);
  let stored = value;
  if (value < low || value > high) {
    context.complain(errors.outOfRange(column.name, context.row));
    stored = value < low ? low : high;
  }
  return column.type.base === "bigint" && column.type.unsigned ? biased(stored) : stored;
}

function storeDecimal(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): string {
  const { length = 10, scale = 0, unsigned } = column.type;
  const value = exactNumber(column, datum, "decimal", context).withScale(scale);
  const isTooSmall = unsigned && value.unscaled < 0n;
  if (!isTooSmall && value.wholeDigits <= length - scale) return value.toString();
  context.complain(errors.outOfRange(column.name, context.row));
  if (isTooSmall) return Decimal.of(0n).withScale(scale).toString();
  const nines = 10n ** BigInt(length) - 1n;
  return new Decimal(value.unscaled < 0n ? -nines : nines, scale).toString();
}

const MAX_FLOAT = 3.4028234663852886e38;

function storeDouble(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): number {
  let value = typeof datum === "number" ? datum : exactToNumber(column, datum, context);
  const { base, length, scale, unsigned } = column.type;
  if (scale !== undefined) {
    value = Decimal.of(value).withScale(scale).toNumber();
    const limit = 10 ** ((length ?? 0) - scale);
    if (Math.abs(value) >= limit) context.complain(errors.outOfRange(column.name, context.row));
  }
  const limit = base === "float" ? MAX_FLOAT : Number.MAX_VALUE;
  if (!(Math.abs(value) <= limit) || (unsigned && value < 0)) {
    context.complain(errors.outOfRange(column.name, context.row));
    value = unsigned && value < 0 ? 0 : Math.sign(value) * limit;
  }
  return base === "float" ? Math.fround(value) : value;
}

function exactToNumber(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): number {
  if (typeof datum === "string" && NUMERIC_TEXT.test(datum)) return Number(datum);
  return exactNumber(column, datum, "double", context).toNumber();
}

function storeBit(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): Buffer {
  const width = column.type.length ?? 1;
  let value: bigint;
  if (datum instanceof Bits) value = datum.toBigInt();
  else if (typeof datum === "bigint") value = datum;
  else if (typeof datum === "string" || Buffer.isBuffer(datum)) value = new Bits(Buffer.from(datum)).toBigInt();
  else value = exactNumber(column, datum, "integer", context).toBigInt();
  const limit = 1n << BigInt(width);
  if (value < 0n || value >= limit) {
    context.complain(errors.tooLong(column.name, context.row));
    value = limit - 1n;
  }
  return bitBytes(value, width);
}

function bitBytes(value: bigint, width: number): Buffer {
  const bytes = Math.ceil(width / 8);
  return Buffer.from(value.toString(16).padStart(bytes * 2, "0"), "hex");
}

function storeEnum(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): bigint {
  const values = column.type.values ?? [];
  if (typeof datum === "bigint" || typeof datum === "number" || datum instanceof Decimal) {
    const index = typeof datum === "bigint" ? datum : exactNumber(column, datum, "integer", context).toBigInt();
    if (index > 0n && index <= BigInt(values.length)) return index;
  } else {
    const text = datumText(datum);
    const index = memberIndex(column.type, text);
    if (index > 0) return BigInt(index);
    if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= values.length) return BigInt(text);
  }
  context.complain(errors.truncated(column.name, context.row));
  return 0n;
}

/** 1-based place among the members by the column's collation; 0 when it is none of them. */
function memberIndex(type: ColumnType, text: string): number {
  const values = type.values ?? [];
  const exact = values.indexOf(text);
  if (exact >= 0) return exact + 1;
  const compare = comparator(type.collation ?? "utf8mb4_0900_ai_ci");
  const bytes = Buffer.from(text.replace(/ +$/, ""));
  return values.findIndex((value) => compare(Buffer.from(value), bytes) === 0) + 1;
}

function storeSet(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): bigint {
  const values = column.type.values ?? [];
  if (typeof datum === "bigint") {
    if (datum >= 0n && datum < 1n << BigInt(values.length)) return BigInt.asIntN(64, datum);
    context.complain(errors.truncated(column.name, context.row));
    return BigInt.asIntN(64, datum & ((1n << BigInt(values.length)) - 1n));
  }
  const text = datumText(datum);
  // A number may come as a text, unless a member is called so.
  if (/^\d+$/.test(text) && memberIndex(column.type, text) === 0) return storeSet(column, BigInt(text), context);
  let mask = 0n;
  for (const member of text === "" ? [] : text.split(",")) {
    const index = memberIndex(column.type, member);
    if (index === 0) context.complain(errors.truncated(column.name, context.row));
    else mask |= 1n << BigInt(index - 1);
  }
  return BigInt.asIntN(64, mask);
}

function storeJson(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): string {
  if (Buffer.isBuffer(datum)) {
    throw errors.invalidJson("Cannot create a JSON value from a string with CHARACTER SET 'binary'.", 0, column.name);
  }
  const text = typeof datum === "string" ? datum : datumText(datum);
  try {
    return normaliseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // Not even non-strict mode stores text that is no JSON.
    const failure = errors.invalidJson(error.reason, error.position, column.name);
    context.complain(failure);
    return quoteJson(text);
  }
}

function storeText(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): string {
  const { type } = column;
  const charset = charsetOf(type.collation ?? "utf8mb4_0900_ai_ci");
  const bytes = Buffer.isBuffer(datum) ? datum : datum instanceof Bits ? datum.bytes : undefined;
  let text = bytes ? decodeStrict(bytes, column, context) : datumText(datum);
  const bad = charset === "utf8mb4" ? undefined : unrepresentable(text, charset);
  if (bad !== undefined) {
    context.complain(
      errors.incorrectValue(
        "string",
        escapeBytes(Buffer.from(text.slice(text.indexOf(bad)))),
        column.name,
        context.row,
      ),
    );
    text = Array.from(text, (char) => (unrepresentable(char, charset) === undefined ? char : "?")).join("");
  }
  const most = maxBytes(type);
  if (most !== undefined) {
    // A text is never longer than three bytes a character in UTF-16 units: count only when it could matter.
    if (text.length * 3 > most && Buffer.byteLength(text) > most) {
      context.complain(errors.tooLong(column.name, context.row));
      return Buffer.from(text)
        .subarray(0, most)
        .toString("utf8")
        .replace(/\ufffd$/, "");
    }
    return text;
  }
  const length = type.length ?? 1;
  if (text.length > length) {
    const characters = Array.from(text);
    if (characters.length > length) {
      // Spaces that don't fit are cut without a word.
      if (characters.slice(length).some((char) => char !== " "))
        context.complain(errors.tooLong(column.name, context.row));
      text = characters.slice(0, length).join("");
    }
  }
  return type.base === "char" && !context.mode("PAD_CHAR_TO_FULL_LENGTH") ? text.replace(/ +$/, "") : text;
}

function decodeStrict(bytes: Buffer, column: StoreColumn, context: StoreContext): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const text = bytes.toString("utf8");
    const valid = Buffer.byteLength(text.slice(0, Math.max(text.indexOf("\ufffd"), 0)));
    context.complain(errors.incorrectValue("string", escapeBytes(bytes.subarray(valid)), column.name, context.row));
    return text;
  }
}

function unrepresentable(text: string, charset: string): string | undefined {
  const limit = charset === "utf8mb3" ? 0xffff : charset === "ascii" ? 0x7f : 0xff;
  return Array.from(text).find((char) => (char.codePointAt(0) ?? 0) > limit && !(charset === "latin1" && char === "€"));
}

/** MySQL shows at most six bytes, those beyond ASCII as \xNN. */
function escapeBytes(bytes: Buffer): string {
  const shown = [...bytes.subarray(0, 6)].map((byte) =>
    byte < 0x80 && byte >= 0x20 ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase().padStart(2, "0")}`,
  );
  return `${shown.join("")}${bytes.length > 6 ? "..." : ""}`;
}

function storeBinary(column: StoreColumn, datum: Exclude<Datum, null>, context: StoreContext): Buffer {
  const { type } = column;
  const bytes = Buffer.isBuffer(datum) ? datum : datum instanceof Bits ? datum.bytes : Buffer.from(datumText(datum));
  const most = isLob(type)
    ? (maxBytes(type) ?? 65535)
    : (type.length ?? (type.base === "geometry" ? Number.MAX_SAFE_INTEGER : 1));
  let stored = bytes;
  if (bytes.length > most) {
    context.complain(errors.tooLong(column.name, context.row));
    stored = bytes.subarray(0, most);
  }
  if (type.base !== "binary" || stored.length === most) return stored;
  return Buffer.concat([stored, Buffer.alloc(most - stored.length)]);
}
