import type { EncodedRow } from "../../wire/encoded-row.js";
import { comparePlaces, type Place, placeOf } from "./place.js";
import { nextRow, type RowReader } from "./row-reader.js";
import type { RowShape } from "./row-shape.js";

interface Head {
  row: EncodedRow;
  place: Place;
}

/**
 * Several shards' rows as one sorted sequence, as far as the order can be guessed; alignment doesn't depend on it, but
 * needs the less memory the better it is.
 */
export class MergedReader implements RowReader {
  private readonly heads: (Head | undefined)[];
  private readonly ended: boolean[];

  constructor(
    private readonly readers: readonly RowReader[],
    private readonly shape: RowShape,
  ) {
    this.heads = readers.map(() => undefined);
    this.ended = readers.map(() => false);
  }

  take(): EncodedRow | undefined {
    let first: Head | undefined;
    let firstAt = -1;
    for (let i = 0; i < this.readers.length; i++) {
      if (this.ended[i]) continue;
      const head = this.heads[i] ?? this.setHead(i, this.readers[i]?.take());
      if (head === undefined) return undefined;
      if (first === undefined || comparePlaces(head.place, first.place) < 0) {
        first = head;
        firstAt = i;
      }
    }
    if (first !== undefined) this.heads[firstAt] = undefined;
    return first?.row;
  }

  async fill(): Promise<boolean> {
    await Promise.all(
      this.readers.map(async (reader, i) => {
        if (this.ended[i] || this.heads[i] !== undefined) return;
        this.ended[i] = this.setHead(i, await nextRow(reader)) === undefined;
      }),
    );
    return this.ended.includes(false);
  }

  private setHead(i: number, row: EncodedRow | undefined): Head | undefined {
    const head = row === undefined ? undefined : { row, place: placeOf(row, this.shape) };
    this.heads[i] = head;
    return head;
  }
}
