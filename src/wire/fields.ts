import { delimitedTag, ProtobufReader } from "./protobuf-reader.js";

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

/** The top-level fields in order. Throws RangeError when the bytes aren't a protobuf message. */
export function readFields(message: Uint8Array): WireField[] {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const reader = new ProtobufReader(bytes, 0, bytes.length);
  const fields: WireField[] = [];
  while (!reader.atEnd()) {
    const start = reader.at;
    const tag = reader.varint();
    const body = reader.skip(tag);
    fields.push({
      number: Math.floor(tag / 8),
      wireType: tag % 8,
      raw: bytes.subarray(start, reader.at),
      payload: bytes.subarray(body, reader.at),
    });
  }
  return fields;
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
  return Buffer.concat([varint(delimitedTag(number)), varint(payload.length), payload]);
}

/** An entry of a map<string, message> field. A later entry for the same key replaces an earlier one. */
export function mapEntry(number: number, key: string, value: Uint8Array): Buffer {
  return lengthDelimited(number, Buffer.concat([lengthDelimited(1, Buffer.from(key)), lengthDelimited(2, value)]));
}

export function mapEntryKey(entry: WireField): string {
  const key = readFields(entry.payload).findLast((field) => field.number === 1);
  return key?.payload.toString("utf8") ?? "";
}
