const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

/** The tag of a length-delimited field: strings, bytes, messages, packed numbers. */
export function delimitedTag(field: number): number {
  return field * 8 + DELIMITED;
}

/**
 * Walks over protobuf bytes without making anything of them. Its methods throw RangeError where the bytes aren't
 * protobuf, and read nothing past `end`.
 */
export class ProtobufReader {
  constructor(
    private readonly bytes: Uint8Array,
    /** Where the next byte is taken from. */
    public at: number,
    private readonly end: number,
  ) {}

  atEnd(): boolean {
    return this.at >= this.end;
  }

  /** A tag, a length, or an unsigned number. Above 2^53 it loses digits. */
  varint(): number {
    const start = this.at;
    let value = 0;
    let scale = 1;
    while (this.at < this.end && this.at < start + 10) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new RangeError(`protobuf varint at offset ${start} has no end`);
  }

  /** A number of type sint32 or sint64. */
  sint(): number {
    const zigzag = this.varint();
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  /** Takes the length of a delimited field and returns where the field ends. Its contents begin at `at`. */
  delimited(): number {
    return this.after(this.varint());
  }

  /** Passes over the body of the field whose tag was read last, and returns where its contents begin. */
  skip(tag: number): number {
    const start = this.at;
    switch (tag % 8) {
      case VARINT:
        this.varint();
        return start;
      case FIXED64:
        this.at = this.after(8);
        return start;
      case FIXED32:
        this.at = this.after(4);
        return start;
      case DELIMITED: {
        const end = this.delimited();
        const contents = this.at;
        this.at = end;
        return contents;
      }
      default:
        throw new RangeError(`protobuf wire type ${tag % 8} is unknown`);
    }
  }

  private after(length: number): number {
    const end = this.at + length;
    if (end > this.end) throw new RangeError(`protobuf field at offset ${this.at} runs past the end`);
    return end;
  }
}
