/**
 * Protobuf at wire level: a message is edited without decoding it, so that fields of versions newer
 * than proto/ survive a read-modify-write.
 */
export interface WireField {
  number: number;
  wireType: number;
  /** Tag and payload, exactly as they stood. */
  raw: Buffer;
  /** The contents of a length-delimited field; of other types, the payload bytes. */
  payload: Buffer;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** The top-level fields in order. Throws RangeError when the bytes aren't a protobuf message. */
export function readFields(message: Uint8Array): WireField[] {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const fields: WireField[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const tag = readVarint(bytes, offset);
    const wireType = tag.value % 8;
    const body = readBody(bytes, tag.end, wireType);
    if (body.end > bytes.length) throw new RangeError(`protobuf field at offset ${offset} runs past the end`);
    fields.push({
      number: Math.floor(tag.value / 8),
      wireType,
      raw: bytes.subarray(offset, body.end),
      payload: bytes.subarray(body.start, body.end),
    });
    offset = body.end;
  }
  return fields;
}

function readBody(bytes: Buffer, offset: number, wireType: number): { start: number; end: number } {
  switch (wireType) {
    case VARINT:
      return { start: offset, end: readVarint(bytes, offset).end };
    case FIXED64:
      return { start: offset, end: offset + 8 };
    case LENGTH_DELIMITED: {
      const length = readVarint(bytes, offset);
      return { start: length.end, end: length.end + length.value };
    }
    case FIXED32:
      return { start: offset, end: offset + 4 };
    default:
      throw new RangeError(`protobuf wire type ${wireType} is unknown`);
  }
}

/** Values above 2^53 lose digits; only tags and lengths are used as numbers here. */
function readVarint(bytes: Buffer, offset: number): { value: number; end: number } {
  let value = 0;
  let scale = 1;
  for (let at = offset; at < bytes.length && at < offset + 10; at++) {
    const byte = bytes.readUInt8(at);
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return { value, end: at + 1 };
    scale *= 128;
  }
  throw new RangeError(`protobuf varint at offset ${offset} has no end`);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A length-delimited field: tag, length, payload. */
export function lengthDelimited(number: number, payload: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + LENGTH_DELIMITED), varint(payload.length), payload]);
}

/** An entry of a map<string, message> field. A later entry for the same key replaces an earlier one. */
export function mapEntry(number: number, key: string, value: Uint8Array): Buffer {
  return lengthDelimited(number, Buffer.concat([lengthDelimited(1, Buffer.from(key)), lengthDelimited(2, value)]));
}

export function mapEntryKey(entry: WireField): string {
  const key = readFields(entry.payload).findLast((field) => field.number === 1);
  return key?.payload.toString("utf8") ?? "";
}
