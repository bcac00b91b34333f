import type { Row } from "./row-shape.js";

/**
 * Rows of one side. `take` is synchronous for as long as rows are at hand: a promise for each of a
 * million rows would cost more than comparing them.
 */
export interface RowReader {
  /** The next row at hand; undefined: ask `fill`. */
  take(): Row | undefined;
  /** Waits for more rows; false when there are none. */
  fill(): Promise<boolean>;
}

/** The next row, or undefined at the end. */
export async function nextRow(reader: RowReader): Promise<Row | undefined> {
  for (;;) {
    const row = reader.take();
    if (row !== undefined) return row;
    if (!(await reader.fill())) return undefined;
  }
}

/** Packets of rows, one row after the other. */
export class PacketReader implements RowReader {
  private rows: Row[] = [];
  private at = 0;

  constructor(private readonly nextPacket: () => Promise<Row[] | undefined>) {}

  take(): Row | undefined {
    return this.rows[this.at++];
  }

  async fill(): Promise<boolean> {
    const packet = await this.nextPacket();
    this.rows = packet ?? [];
    this.at = 0;
    return packet !== undefined;
  }
}

/** Only the rows that `wanted` accepts. */
export class FilteredReader implements RowReader {
  constructor(
    private readonly inner: RowReader,
    private readonly wanted: (row: Row) => boolean,
  ) {}

  take(): Row | undefined {
    for (;;) {
      const row = this.inner.take();
      if (row === undefined || this.wanted(row)) return row;
    }
  }

  fill(): Promise<boolean> {
    return this.inner.fill();
  }
}

/**
 * Several shards' rows as one sorted sequence, as far as `order` knows the order; alignment doesn't depend
 * on it, but needs the less memory the better it is.
 */
export class MergedReader implements RowReader {
  private readonly heads: (Row | undefined)[];
  private readonly ended: boolean[];

  constructor(
    private readonly readers: readonly RowReader[],
    private readonly order: (a: Row, b: Row) => number,
  ) {
    this.heads = readers.map(() => undefined);
    this.ended = readers.map(() => false);
  }

  take(): Row | undefined {
    let first = -1;
    for (let i = 0; i < this.readers.length; i++) {
      if (this.ended[i]) continue;
      this.heads[i] ??= this.readers[i]?.take();
      const head = this.heads[i];
      if (head === undefined) return undefined;
      const best = this.heads[first];
      if (best === undefined || this.order(head, best) < 0) first = i;
    }
    const row = this.heads[first];
    if (row !== undefined) this.heads[first] = undefined;
    return row;
  }

  async fill(): Promise<boolean> {
    await Promise.all(
      this.readers.map(async (reader, i) => {
        if (this.ended[i] || this.heads[i] !== undefined) return;
        this.heads[i] = await nextRow(reader);
        this.ended[i] = this.heads[i] === undefined;
      }),
    );
    return this.ended.includes(false);
  }
}
