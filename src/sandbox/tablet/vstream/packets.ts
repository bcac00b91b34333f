/** Rows in packets of about 250,000 bytes, as --vstream_packet_size has it; a row is never split. */
import type { Row } from "../../../wire/generated/query/Row.js";
import { encodeRow, type Value } from "../../../wire/result.js";

const PACKET_BYTES = 250_000;

export interface Packet {
  rows: Row[];
  /** The last of `rows` as it was given to `add`. */
  last: readonly Value[];
}

export class Packets {
  readonly done: Packet[] = [];
  #rows: Row[] = [];
  #bytes = 0;
  #last: readonly Value[] = [];

  /** `source` is what `last` will be: a row may be sent in another shape than it was read. */
  add(row: readonly Value[], source: readonly Value[] = row): void {
    const encoded = encodeRow(row);
    this.#rows.push(encoded);
    this.#last = source;
    this.#bytes += (encoded.values?.length ?? 0) + row.length;
    if (this.#bytes >= PACKET_BYTES) this.finish();
  }

  finish(): Packet[] {
    if (this.#rows.length > 0) this.done.push({ rows: this.#rows, last: this.#last });
    this.#rows = [];
    this.#bytes = 0;
    return this.done;
  }
}
