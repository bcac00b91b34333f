import { type EncodedRow, sameRange } from "../../wire/encoded-row.js";

/**
 * Rows of one side. `take` is synchronous for as long as rows are at hand: a promise for each of a
 * million rows would cost more than comparing them.
 */
export interface RowReader {
  /** The next row at hand; undefined: ask `fill`. */
  take(): EncodedRow | undefined;
  /** Waits for more rows; false when there are none. */
  fill(): Promise<boolean>;
}

/** The next row, or undefined at the end. */
export async function nextRow(reader: RowReader): Promise<EncodedRow | undefined> {
  for (;;) {
    const row = reader.take();
    if (row !== undefined) return row;
    if (!(await reader.fill())) return undefined;
  }
}

/** Packets of rows, one row after the other. */
export class PacketReader implements RowReader {
  private rows: EncodedRow[] = [];
  private at = 0;

  constructor(private readonly nextPacket: () => Promise<EncodedRow[] | undefined>) {}

  take(): EncodedRow | undefined {
    return this.rows[this.at++];
  }

  async fill(): Promise<boolean> {
    const packet = await this.nextPacket();
    this.rows = packet ?? [];
    this.at = 0;
    return packet !== undefined;
  }

  /**
   * Takes the rows that both readers have next, as far as they are at hand and have the same bytes, and returns their
   * number: `limit` at most. Hundreds of rows cost no more than a few comparisons of memory.
   */
  takeSame(other: PacketReader, limit: number): number {
    const most = Math.min(this.rows.length - this.at, other.rows.length - other.at, limit);
    let same = 0;
    // Twice as far each time, and from where it went too far in halves.
    let step = 1;
    for (; step <= most - same && this.isSame(other, same, step); step *= 2) same += step;
    let tooMany = Math.min(step, most - same + 1);
    while (tooMany > 1) {
      const half = tooMany >> 1;
      if (this.isSame(other, same, half)) {
        same += half;
        tooMany -= half;
      } else tooMany = half;
    }
    this.at += same;
    other.at += same;
    return same;
  }

  private isSame(other: PacketReader, from: number, count: number): boolean {
    const a = this.rows[this.at + from];
    const b = other.rows[other.at + from];
    const aLast = this.rows[this.at + from + count - 1];
    const bLast = other.rows[other.at + from + count - 1];
    if (a === undefined || b === undefined || aLast === undefined || bLast === undefined) return false;
    return sameRange(a, aLast, b, bLast);
  }
}

/** Only the rows that `wanted` accepts. */
export class FilteredReader implements RowReader {
  constructor(
    private readonly inner: RowReader,
    private readonly wanted: (row: EncodedRow) => boolean,
  ) {}

  take(): EncodedRow | undefined {
    for (;;) {
      const row = this.inner.take();
      if (row === undefined || this.wanted(row)) return row;
    }
  }

  fill(): Promise<boolean> {
    return this.inner.fill();
  }
}
