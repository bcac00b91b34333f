/**
 * The rows of a VStreamResultsResponse as they came over the wire (proto/binlogdata.proto, proto/query.proto: Row has
 * `lengths`, packed sint64, and `values`). protobufjs would take many times as long to decode a row as it takes to see
 * that another one has the same bytes, which is all that most rows are read for.
 */
import { delimitedTag, ProtobufReader } from "./protobuf-reader.js";
import type { Value } from "./result.js";

const ROWS = delimitedTag(4);
const LENGTHS = delimitedTag(1);
const VALUES = delimitedTag(2);

/** One row: a place in a packet, whose memory it keeps alive. Its values are decoded when they are asked for. */
export class EncodedRow {
  /** Of bytes that were checked: see readRows. */
  constructor(
    readonly packet: Buffer,
    /** Of the Row message in `packet`. */
    readonly start: number,
    readonly end: number,
    private readonly columns: number,
    private readonly lengthsAt: number,
    private readonly valuesAt: number,
  ) {}

  /** The message's size in bytes. */
  get size(): number {
    return this.end - this.start;
  }

  /** True only if all values are the same bytes; rows that aren't encoded alike may still hold the same. */
  sameBytes(other: EncodedRow): boolean {
    return sameRange(this, this, other, other);
  }

  /** The columns whose bytes differ. Both rows have the same columns. */
  differingColumns(other: EncodedRow): number[] {
    const lengths = new ProtobufReader(this.packet, this.lengthsAt, this.end);
    const others = new ProtobufReader(other.packet, other.lengthsAt, other.end);
    const columns: number[] = [];
    let at = this.valuesAt;
    let otherAt = other.valuesAt;
    for (let i = 0; i < this.columns; i++) {
      const length = lengths.sint();
      const otherLength = others.sint();
      if (length !== otherLength || !sameBytes(this.packet, at, other.packet, otherAt, length)) columns.push(i);
      at += Math.max(0, length);
      otherAt += Math.max(0, otherLength);
    }
    return columns;
  }

  sameValue(other: EncodedRow, column: number): boolean {
    const { at, length } = this.locate(column);
    const place = other.locate(column);
    return length === place.length && sameBytes(this.packet, at, other.packet, place.at, length);
  }

  /** One column's value; the packet's memory. */
  value(column: number): Value {
    const { at, length } = this.locate(column);
    return length < 0 ? null : this.packet.subarray(at, at + length);
  }

  /** The same as text with a character for each byte. */
  latin1(column: number): string | null {
    const { at, length } = this.locate(column);
    return length < 0 ? null : this.packet.toString("latin1", at, at + length);
  }

  /** All values, in the order of the columns; the packet's memory. */
  values(): Value[] {
    const lengths = new ProtobufReader(this.packet, this.lengthsAt, this.end);
    const values: Value[] = [];
    let at = this.valuesAt;
    for (let i = 0; i < this.columns; i++) {
      const length = lengths.sint();
      values.push(length < 0 ? null : this.packet.subarray(at, at + length));
      at += Math.max(0, length);
    }
    return values;
  }

  /** Length -1 is NULL. */
  private locate(column: number): { at: number; length: number } {
    const lengths = new ProtobufReader(this.packet, this.lengthsAt, this.end);
    let at = this.valuesAt;
    for (let i = 0; i < column; i++) at += Math.max(0, lengths.sint());
    return { at, length: lengths.sint() };
  }

  /** A copy in memory of its own: a row that is kept must not keep its packet. */
  detach(): EncodedRow {
    const bytes = Buffer.from(this.packet.subarray(this.start, this.end));
    const { start, lengthsAt, valuesAt } = this;
    return new EncodedRow(bytes, 0, bytes.length, this.columns, lengthsAt - start, valuesAt - start);
  }
}

/** Calling Buffer.compare() would take longer than looking at a short value. */
const SHORT = 64;

function sameBytes(a: Buffer, aStart: number, b: Buffer, bStart: number, length: number): boolean {
  if (length > SHORT) return a.compare(b, bStart, bStart + length, aStart, aStart + length) === 0;
  for (let i = 0; i < length; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** Whether rows `a` to `aLast` of one packet are the same bytes as `b` to `bLast` of another. */
export function sameRange(a: EncodedRow, aLast: EncodedRow, b: EncodedRow, bLast: EncodedRow): boolean {
  return a.packet.compare(b.packet, b.start, bLast.end, a.start, aLast.end) === 0;
}

/**
 * The rows of an encoded VStreamResultsResponse; other fields are passed over. RangeError when the bytes aren't such a
 * message, or a row hasn't `columns` values that fill it.
 */
export function readRows(message: Buffer, columns: number): EncodedRow[] {
  const rows: EncodedRow[] = [];
  const reader = new ProtobufReader(message, 0, message.length);
  while (!reader.atEnd()) {
    const tag = reader.varint();
    if (tag !== ROWS) reader.skip(tag);
    else {
      const end = reader.delimited();
      rows.push(readRow(message, reader.at, end, columns));
      reader.at = end;
    }
  }
  return rows;
}

function readRow(packet: Buffer, start: number, end: number, columns: number): EncodedRow {
  const reader = new ProtobufReader(packet, start, end);
  let lengthsAt = start;
  let lengthsEnd = start;
  let valuesAt = end;
  let valuesEnd = end;
  while (!reader.atEnd()) {
    const tag = reader.varint();
    if (tag === LENGTHS) {
      lengthsEnd = reader.delimited();
      lengthsAt = reader.at;
      reader.at = lengthsEnd;
    } else if (tag === VALUES) {
      valuesEnd = reader.delimited();
      valuesAt = reader.at;
      reader.at = valuesEnd;
    } else reader.skip(tag);
  }
  checkLengths(new ProtobufReader(packet, lengthsAt, lengthsEnd), columns, valuesEnd - valuesAt);
  return new EncodedRow(packet, start, end, columns, lengthsAt, valuesAt);
}

function checkLengths(lengths: ProtobufReader, columns: number, bytes: number): void {
  let count = 0;
  let sum = 0;
  for (; !lengths.atEnd(); count++) sum += Math.max(0, lengths.sint());
  if (count !== columns) throw new RangeError(`a row has ${count} values for ${columns} columns`);
  if (sum !== bytes) throw new RangeError(`a row's values are ${bytes} bytes long, not ${sum}`);
}
