import { sqlString } from "../../../wire/sql.js";
import { PacketReader } from "./bytes.js";
import { mysqlType } from "./types.js";

export interface ParameterType {
  type: number;
  unsigned: boolean;
}

/**
 * The values of a COM_STMT_EXECUTE as SQL literals. `known` are the types of the last execution, which a
 * client needs not repeat; `long` are values that came ahead by COM_STMT_SEND_LONG_DATA.
 */
export function readParameters(
  payload: Buffer,
  count: number,
  known: ParameterType[],
  long: ReadonlyMap<number, Buffer>,
): { types: ParameterType[]; literals: string[] } {
  if (count === 0) return { types: [], literals: [] };
  const reader = new PacketReader(payload);
  const nulls = reader.take((count + 7) >> 3);
  const types = reader.uint(1) === 1 ? Array.from({ length: count }, () => readType(reader)) : known;
  const literals = types.map((type, i) => {
    const ahead = long.get(i);
    if (ahead !== undefined) return bytesLiteral(ahead);
    const isNull = ((nulls[i >> 3] ?? 0) >> (i & 7)) & 1;
    return isNull === 1 ? "null" : readLiteral(reader, type);
  });
  return { types, literals };
}

function readType(reader: PacketReader): ParameterType {
  const type = reader.uint(1);
  return { type, unsigned: (reader.uint(1) & 0x80) !== 0 };
}

function readLiteral(reader: PacketReader, { type, unsigned }: ParameterType): string {
  switch (type) {
    case mysqlType.null:
      return "null";
    case mysqlType.tiny:
      return String(unsigned ? reader.uint(1) : reader.int(1));
    case mysqlType.short:
    case mysqlType.year:
      return String(unsigned ? reader.uint(2) : reader.int(2));
    case mysqlType.long:
    case mysqlType.int24:
      return String(unsigned ? reader.uint(4) : reader.int(4));
    case mysqlType.longlong:
      return String(unsigned ? reader.uint64() : reader.int64());
    case mysqlType.float:
      return String(reader.take(4).readFloatLE());
    case mysqlType.double:
      return String(reader.take(8).readDoubleLE());
    case mysqlType.date:
      return sqlString(readDate(reader).slice(0, 10));
    case mysqlType.datetime:
    case mysqlType.timestamp:
      return sqlString(readDate(reader));
    case mysqlType.time:
      return sqlString(readTime(reader));
    default:
      return bytesLiteral(reader.lengthEncodedBytes());
  }
}

function readDate(reader: PacketReader): string {
  const value = new PacketReader(reader.lengthEncodedBytes());
  if (value.atEnd) return "0000-00-00 00:00:00";
  const date = `${pad(value.uint(2), 4)}-${pad(value.uint(1))}-${pad(value.uint(1))}`;
  if (value.atEnd) return `${date} 00:00:00`;
  const clock = `${pad(value.uint(1))}:${pad(value.uint(1))}:${pad(value.uint(1))}`;
  return `${date} ${clock}${fraction(value)}`;
}

function readTime(reader: PacketReader): string {
  const value = new PacketReader(reader.lengthEncodedBytes());
  if (value.atEnd) return "00:00:00";
  const sign = value.uint(1) === 1 ? "-" : "";
  const hours = value.uint(4) * 24 + value.uint(1);
  const clock = `${sign}${pad(hours)}:${pad(value.uint(1))}:${pad(value.uint(1))}`;
  return clock + fraction(value);
}

/** Clients send six digits whenever they know of fractions; none of them says anything when all are zero. */
function fraction(value: PacketReader): string {
  const microseconds = value.atEnd ? 0 : value.uint(4);
  return microseconds === 0 ? "" : `.${pad(microseconds, 6)}`;
}

/** Text stays text; what isn't UTF-8 becomes a hexadecimal literal. */
function bytesLiteral(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return Buffer.from(text, "utf8").equals(bytes) ? sqlString(text) : `x'${bytes.toString("hex")}'`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
