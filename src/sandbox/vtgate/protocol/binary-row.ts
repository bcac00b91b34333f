import type { Field__Output } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { PacketWriter } from "./bytes.js";
import { mysqlType, toMysqlType } from "./types.js";

/** A row of a prepared statement's result (Protocol::BinaryResultsetRow), from the text form of its values. */
export function binaryRowPacket(fields: readonly Field__Output[], row: readonly Value[]): Buffer {
  const nulls = Buffer.alloc((fields.length + 7 + 2) >> 3);
  const values = new PacketWriter();
  for (const [i, field] of fields.entries()) {
    const value = row[i] ?? null;
    const bit = i + 2;
    if (value === null) nulls[bit >> 3] = (nulls[bit >> 3] ?? 0) | (1 << (bit & 7));
    else writeValue(values, toMysqlType(field.type).type, value);
  }
  return new PacketWriter().uint(0, 1).bytes(nulls).bytes(values.payload()).payload();
}

function writeValue(writer: PacketWriter, type: number, value: Buffer): void {
  const text = () => value.toString("latin1");
  switch (type) {
    case mysqlType.tiny:
      writer.uint(BigInt(text()), 1);
      return;
    case mysqlType.short:
    case mysqlType.year:
      writer.uint(BigInt(text()), 2);
      return;
    case mysqlType.long:
    case mysqlType.int24:
      writer.uint(BigInt(text()), 4);
      return;
    case mysqlType.longlong:
      writer.uint(BigInt(text()), 8);
      return;
    case mysqlType.float:
    case mysqlType.double:
      writer.bytes(floating(type, Number(text())));
      return;
    case mysqlType.date:
    case mysqlType.datetime:
    case mysqlType.timestamp:
      writer.lengthEncodedBytes(dateTime(text()));
      return;
    case mysqlType.time:
      writer.lengthEncodedBytes(time(text()));
      return;
    default:
      writer.lengthEncodedBytes(value);
  }
}

function floating(type: number, value: number): Buffer {
  const buffer = Buffer.alloc(type === mysqlType.float ? 4 : 8);
  if (type === mysqlType.float) buffer.writeFloatLE(value);
  else buffer.writeDoubleLE(value);
  return buffer;
}

/** "2024-05-01", "2024-05-01 10:20:30.123456": 0, 4, 7 or 11 bytes, the shortest that holds it. */
function dateTime(text: string): Buffer {
  const match = /^(\d+)-(\d+)-(\d+)(?: (\d+):(\d+):(\d+)(?:\.(\d+))?)?$/.exec(text);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = (match ?? [])
    .slice(1, 7)
    .map((n) => Number(n ?? 0));
  const micros = microseconds(match?.[7]);
  const writer = new PacketWriter();
  if (micros + second + minute + hour + day + month + year === 0) return writer.payload();
  writer.uint(year, 2).uint(month, 1).uint(day, 1);
  if (micros + second + minute + hour === 0) return writer.payload();
  writer.uint(hour, 1).uint(minute, 1).uint(second, 1);
  return micros === 0 ? writer.payload() : writer.uint(micros, 4).payload();
}

/** "-101:02:03.5": 0, 8 or 12 bytes. */
function time(text: string): Buffer {
  const match = /^(-?)(\d+):(\d+):(\d+)(?:\.(\d+))?$/.exec(text);
  const [hours = 0, minute = 0, second = 0] = (match ?? []).slice(2, 5).map(Number);
  const micros = microseconds(match?.[5]);
  const writer = new PacketWriter();
  if (hours + minute + second + micros === 0) return writer.payload();
  writer
    .uint(match?.[1] === "-" ? 1 : 0, 1)
    .uint(Math.floor(hours / 24), 4)
    .uint(hours % 24, 1);
  writer.uint(minute, 1).uint(second, 1);
  return micros === 0 ? writer.payload() : writer.uint(micros, 4).payload();
}

function microseconds(fraction: string | undefined): number {
  return fraction === undefined ? 0 : Number(fraction.slice(0, 6).padEnd(6, "0"));
}
