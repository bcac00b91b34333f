import type { EncodedRow } from "../../wire/encoded-row.js";
import { comparePlaces, placeOf } from "./place.js";
import { nextRow, PacketReader, type RowReader } from "./row-reader.js";
import { keyOf, type RowShape, sameKey, sameRow } from "./row-shape.js";
import { Tally } from "./tally.js";
import { Waiting } from "./waiting.js";

export interface AlignOptions {
  budget: Budget;
  /** Keys kept for a second look. */
  maxSuspects: number;
  /** Keys of rows that match are kept as well, for Tally.twins. */
  watchMatches?: boolean;
  /** Called now and then with the number of rows behind us. */
  onProgress?: (processed: number) => void;
}

export const MAX_SUSPECTS = 100_000;
const MAX_PENDING_BYTES = 256 * 1024 * 1024;

/** What alignments that are under way at once may use together. */
export class Budget {
  /** Of rows that may still wait for their partner. */
  bytes: number;

  constructor(
    /** That may still be made: a pair of rows, or a row without a partner, is one. */
    public steps: number,
    readonly maxPendingBytes = MAX_PENDING_BYTES,
  ) {
    this.bytes = maxPendingBytes;
  }
}

/** What an alignment came to. */
export interface Alignment {
  tally: Tally;
  /** Of the budget's. */
  steps: number;
  /** There were no steps left, and perhaps more rows. */
  cut: boolean;
}

/** After so many rows of one side without a partner, the other side is read on, whatever the guess says. */
const MAX_STREAK = 1000;
const PROGRESS_EVERY = 1000;

/**
 * Finds each row's partner on the other side by the bytes of its key. Both sides should come in the
 * server's key order, but correctness doesn't depend on it: rows out of step wait in two maps, so no
 * collation has to be known, and rows of any number of shards may be mixed. Memory grows only with the
 * differences and the distance between partners. FailedError when that passes the budget's `maxPendingBytes`.
 *
 * Equal keys may come more than once (tables without a key, where the whole row is the key): partners are
 * then taken one for one.
 */
export async function align(
  source: RowReader,
  target: RowReader,
  shape: RowShape,
  options: AlignOptions,
): Promise<Alignment> {
  const alignment = new OpenAlignment(shape, options);
  await alignment.run(source, target);
  return alignment;
}

class OpenAlignment implements Alignment {
  readonly tally: Tally;
  steps = 0;
  cut = false;
  private readonly waiting: Record<"source" | "target", Waiting>;
  private streak = 0;

  constructor(
    private readonly shape: RowShape,
    private readonly options: AlignOptions,
  ) {
    this.tally = new Tally(shape, options.maxSuspects, options.watchMatches);
    this.waiting = { source: new Waiting(options.budget), target: new Waiting(options.budget) };
  }

  async run(source: RowReader, target: RowReader): Promise<void> {
    let s: EncodedRow | undefined;
    let t: EncodedRow | undefined;
    for (;;) {
      if (this.options.budget.steps <= 0) return this.stopEarly();
      if (s === undefined && t === undefined && this.stretch(source, target)) continue;
      s ??= source.take() ?? (await nextRow(source));
      t ??= target.take() ?? (await nextRow(target));
      if (s === undefined || t === undefined) break;
      this.step();
      if (this.meet(s, t)) {
        s = undefined;
        t = undefined;
        continue;
      }
      if (this.readsSourceNext(s, t)) {
        this.unpaired("source", s);
        s = undefined;
      } else {
        this.unpaired("target", t);
        t = undefined;
      }
    }
    await this.drain("source", s, source);
    await this.drain("target", t, target);
    for (const row of this.waiting.source.rows()) this.tally.difference({ kind: "extraSource", source: row });
    for (const row of this.waiting.target.rows()) this.tally.difference({ kind: "extraTarget", target: row });
    this.options.onProgress?.(this.tally.processed);
  }

  /** Rows that lie next to each other on both sides, and are the same there: most rows of most tables. */
  private stretch(source: RowReader, target: RowReader): boolean {
    if (this.options.watchMatches || !(source instanceof PacketReader && target instanceof PacketReader)) return false;
    const rows = source.takeSame(target, this.options.budget.steps);
    if (rows === 0) return false;
    this.streak = 0;
    this.tally.matching += rows;
    this.step(rows);
    return true;
  }

  /** Whether two rows that came at the same time are partners; then they are counted. */
  private meet(s: EncodedRow, t: EncodedRow): boolean {
    if (!s.sameBytes(t) && !sameKey(s, t, this.shape)) return false;
    this.pair(s, t);
    return true;
  }

  private step(rows = 1): void {
    const before = this.steps;
    this.steps += rows;
    this.options.budget.steps -= rows;
    if (Math.floor(before / PROGRESS_EVERY) < Math.floor(this.steps / PROGRESS_EVERY)) {
      this.options.onProgress?.(this.tally.processed);
    }
  }

  private readsSourceNext(s: EncodedRow, t: EncodedRow): boolean {
    const guess = comparePlaces(placeOf(s, this.shape), placeOf(t, this.shape)) < 0;
    if (++this.streak % MAX_STREAK !== 0) return guess;
    return !guess;
  }

  private pair(source: EncodedRow, target: EncodedRow): void {
    this.streak = 0;
    if (sameRow(source, target, this.shape)) this.tally.match(source);
    else this.tally.difference({ kind: "mismatch", source, target });
  }

  private unpaired(side: "source" | "target", row: EncodedRow): void {
    const key = keyOf(row, this.shape);
    const partner = this.waiting[side === "source" ? "target" : "source"].take(key);
    if (partner !== undefined) {
      if (side === "source") this.pair(row, partner);
      else this.pair(partner, row);
      return;
    }
    this.waiting[side].add(key, row.detach());
  }

  /** The other side has ended: what finds no partner among the waiting rows never will. */
  private async drain(side: "source" | "target", head: EncodedRow | undefined, reader: RowReader): Promise<void> {
    const other = this.waiting[side === "source" ? "target" : "source"];
    for (let row = head; row !== undefined; row = reader.take() ?? (await nextRow(reader))) {
      this.step();
      const partner = other.take(keyOf(row, this.shape));
      if (side === "source") {
        if (partner !== undefined) this.pair(row, partner);
        else this.tally.difference({ kind: "extraSource", source: row });
      } else if (partner !== undefined) this.pair(partner, row);
      else this.tally.difference({ kind: "extraTarget", target: row });
    }
  }

  private stopEarly(): void {
    this.cut = true;
    for (const row of this.waiting.source.rows()) this.tally.suspect(row);
    for (const row of this.waiting.target.rows()) this.tally.suspect(row);
    this.options.onProgress?.(this.tally.processed);
  }
}
