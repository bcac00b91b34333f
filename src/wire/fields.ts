/**
 * Protobuf at wire level: editing a message without decoding it, so that fields of newer versions survive.
 */
export interface WireField {
  number: number;
  wireType: number;
  /** Tag and payload, exactly as they stood. */
  raw: Buffer;
  /** The contents of a length-delimited field; of other types, the payload bytes. */
  payload: Buffer;
}

export function readFields(_message: Uint8Array): WireField[] {
  throw new Error("pending");
}

/** A length-delimited field: tag, length, payload. */
export function lengthDelimited(_number: number, _payload: Uint8Array): Buffer {
  throw new Error("pending");
}

/** An entry of a map<string, message> field. */
export function mapEntry(_number: number, _key: string, _value: Uint8Array): Buffer {
  throw new Error("pending");
}

export function mapEntryKey(_field: WireField): string {
  throw new Error("pending");
}
