/** Builds one packet's payload; integers are little-endian (MySQL's protocol::basic types). */
export class PacketWriter {
  readonly #parts: Buffer[] = [];

  uint(value: number | bigint, bytes: 1 | 2 | 3 | 4 | 8): this {
    const buffer = Buffer.alloc(8);
    buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
    this.#parts.push(buffer.subarray(0, bytes));
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#parts.push(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value, "utf8"));
  }

  lengthEncodedInteger(value: number | bigint): this {
    const number = BigInt(value);
    if (number < 0xfbn) return this.uint(number, 1);
    if (number <= 0xffffn) return this.uint(0xfc, 1).uint(number, 2);
    if (number <= 0xffffffn) return this.uint(0xfd, 1).uint(number, 3);
    return this.uint(0xfe, 1).uint(number, 8);
  }

  lengthEncodedBytes(value: Uint8Array): this {
    return this.lengthEncodedInteger(value.byteLength).bytes(value);
  }

  lengthEncodedText(value: string): this {
    return this.lengthEncodedBytes(Buffer.from(value, "utf8"));
  }

  payload(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Reads a packet's payload. A packet that ends too early throws RangeError. */
export class PacketReader {
  #at = 0;

  constructor(readonly buffer: Buffer) {}

  get atEnd(): boolean {
    return this.#at >= this.buffer.length;
  }

  uint(bytes: 1 | 2 | 3 | 4): number {
    return this.take(bytes).readUIntLE(0, bytes);
  }

  int(bytes: 1 | 2 | 4): number {
    return this.take(bytes).readIntLE(0, bytes);
  }

  uint64(): bigint {
    return this.take(8).readBigUInt64LE();
  }

  int64(): bigint {
    return this.take(8).readBigInt64LE();
  }

  lengthEncodedInteger(): number {
    const first = this.uint(1);
    if (first < 0xfb) return first;
    if (first === 0xfc) return this.uint(2);
    if (first === 0xfd) return this.uint(3);
    return Number(this.uint64());
  }

  lengthEncodedBytes(): Buffer {
    return this.take(this.lengthEncodedInteger());
  }

  take(length: number): Buffer {
    if (this.#at + length > this.buffer.length) throw new RangeError("packet is too short");
    this.#at += length;
    return this.buffer.subarray(this.#at - length, this.#at);
  }

  rest(): Buffer {
    return this.take(this.buffer.length - this.#at);
  }
}
