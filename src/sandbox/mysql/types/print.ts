/** Stored values as MySQL's text protocol prints them, and as datums for further use. */

import type { Value } from "../../../wire/result.js";
import type { Statement } from "../statement.js";
import { Bits, type Datum, type Stored, unbiased } from "./datum.js";
import { Decimal } from "./decimal.js";
import { formatDouble, formatFloat } from "./double.js";
import type { SqlType } from "./sql-type.js";
import { formatTime, padFraction } from "./temporal.js";

/** Reads one column of a statement's current row. */
export type ColumnReader = (statement: Statement, column: number) => Value;

export function columnReader(type: SqlType): ColumnReader {
  if (printsAsStored(type)) return (statement, column) => (statement.isNull(column) ? null : statement.bytes(column));
  return (statement, column) => printValue(type, statement.value(column));
}

/** SQLite's own text of the value is MySQL's. */
function printsAsStored({ representation, column }: SqlType): boolean {
  if (representation === "int") return !column?.zerofill && column?.base !== "year";
  return ["text", "blob", "decimal", "date", "json", "bit"].includes(representation);
}

export function printValue(type: SqlType, stored: Stored): Value {
  if (stored === null) return null;
  if (stored instanceof Uint8Array) return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  return Buffer.from(printText(type, stored));
}

function printText(type: SqlType, stored: Exclude<Stored, null | Uint8Array>): string {
  switch (type.representation) {
    case "uint":
      return pad(type, unbiased(BigInt(stored)).toString());
    case "int":
      return pad(type, String(stored));
    case "double":
      return printDouble(type, Number(stored));
    case "datetime":
      return padFraction(String(stored), type.scale);
    case "time":
      return formatTime(BigInt(stored), type.scale);
    case "enum":
      return type.column?.values?.[Number(stored) - 1] ?? "";
    case "set":
      return setMembers(type.column?.values ?? [], BigInt(stored));
    default:
      return String(stored);
  }
}

function pad(type: SqlType, digits: string): string {
  if (type.column?.base === "year") return digits.padStart(4, "0");
  return type.column?.zerofill ? digits.padStart(type.column.length ?? 0, "0") : digits;
}

function printDouble(type: SqlType, value: number): string {
  if (type.column?.scale !== undefined) return Decimal.of(value).withScale(type.column.scale).toString();
  return type.column?.base === "float" ? formatFloat(value) : formatDouble(value);
}

export function setMembers(values: readonly string[], mask: bigint): string {
  const bits = BigInt.asUintN(64, mask);
  return values.filter((_, i) => (bits >> BigInt(i)) & 1n).join(",");
}

export function toDatum(type: SqlType, stored: Stored): Datum {
  if (stored === null) return null;
  switch (type.representation) {
    case "int":
      return BigInt(stored as bigint);
    case "uint":
      return unbiased(BigInt(stored as bigint));
    case "double":
      return Number(stored);
    case "decimal":
      return Decimal.parse(String(stored)) ?? null;
    case "blob":
      return Buffer.from(stored as Uint8Array);
    case "bit":
      return new Bits(Buffer.from(stored as Uint8Array));
    default:
      return printText(type, stored as Exclude<Stored, null | Uint8Array>);
  }
}
