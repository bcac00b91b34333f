import type { EncodedRow } from "../../wire/encoded-row.js";
import type { Side } from "../run-context.js";
import type { Budget } from "./budget.js";
import { comparePlaces, placeOf } from "./place.js";
import { nextRow, PacketReader, type RowReader } from "./row-reader.js";
import { keyOf, type RowShape, sameKey, sameRow } from "./row-shape.js";
import { type Difference, Tally } from "./tally.js";
import { tooFarApart, Waiting } from "./waiting.js";

export interface AlignOptions {
  budget: Budget;
  /** Keys kept for a second look. */
  maxSuspects: number;
  /** Keys of rows that match are kept as well, for Tally.twins. */
  watchMatches?: boolean;
  /** Both sides come in the order of their places: see hasKnownOrder. */
  knownOrder?: boolean;
  /** Rows for which there is no room to wait in may be left to the second look. */
  mayPostpone?: boolean;
  /** Called now and then with the number of rows behind us. */
  onProgress?: (processed: number) => void;
}

export const MAX_SUSPECTS = 100_000;

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
/** Of the rows that may wait, so large a part is postponed at once: a 16th. */
const POSTPONED_SHARE = 16;

/**
 * Finds each row's partner on the other side by the bytes of its key. Both sides should come in the
 * server's key order, but correctness doesn't depend on it: rows out of step wait in two maps, so no
 * collation has to be known, and rows of any number of shards may be mixed. Memory grows only with the
 * differences and the distance between partners; where the order is known, no row waits. When it passes the budget's
 * `maxPendingBytes`, the rows that have waited longest are postponed; FailedError when they can't be.
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
  private readonly waiting: Record<Side, Waiting>;
  private streak = 0;

  constructor(
    private readonly shape: RowShape,
    private readonly options: AlignOptions,
  ) {
    this.tally = new Tally(shape, options.maxSuspects, options.budget, options.watchMatches);
    this.waiting = { source: new Waiting(options.budget), target: new Waiting(options.budget) };
  }

  async run(source: RowReader, target: RowReader): Promise<void> {
    const done = await this.readBoth(source, target);
    this.cut = !done;
    for (const side of ["source", "target"] as const) {
      for (const row of this.waiting[side].takeAll()) {
        if (done) this.tally.difference(extra(side, row));
        else this.tally.suspect(row);
      }
    }
    this.options.onProgress?.(this.tally.processed);
  }

  /** False when there were no steps left. */
  private async readBoth(source: RowReader, target: RowReader): Promise<boolean> {
    let s: EncodedRow | undefined;
    let t: EncodedRow | undefined;
    for (;;) {
      if (this.options.budget.steps <= 0) return false;
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
    return true;
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
    if (this.options.knownOrder) return guess;
    return ++this.streak % MAX_STREAK === 0 ? !guess : guess;
  }

  private pair(source: EncodedRow, target: EncodedRow): void {
    this.streak = 0;
    if (sameRow(source, target, this.shape)) this.tally.match(source);
    else this.tally.difference({ kind: "mismatch", source, target });
  }

  private unpaired(side: Side, row: EncodedRow): void {
    if (this.options.knownOrder) this.tally.difference(extra(side, row));
    else this.waitForPartner(side, row);
  }

  private waitForPartner(side: Side, row: EncodedRow): void {
    const key = keyOf(row, this.shape);
    if (this.meetsWaiting(side, row, key) || this.tally.isPostponed(key)) return;
    this.waiting[side].add(key, row.detach());
    if (this.options.budget.bytes < 0) this.postponeOldest();
  }

  private meetsWaiting(side: Side, row: EncodedRow, key: string): boolean {
    const partner = this.waiting[side === "source" ? "target" : "source"].take(key);
    if (partner === undefined) return false;
    if (side === "source") this.pair(row, partner);
    else this.pair(partner, row);
    return true;
  }

  private postponeOldest(): void {
    const { budget, mayPostpone } = this.options;
    const { source, target } = this.waiting;
    const larger = source.bytes > target.bytes ? source : target;
    for (const row of larger.takeOldest(budget.maxPendingBytes / POSTPONED_SHARE)) {
      if (!mayPostpone || !this.tally.postpone(row)) throw tooFarApart(budget);
    }
  }

  /** The other side has ended: what finds no partner among the waiting rows never will. */
  private async drain(side: Side, head: EncodedRow | undefined, reader: RowReader): Promise<void> {
    for (let row = head; row !== undefined; row = reader.take() ?? (await nextRow(reader))) {
      this.step();
      if (!this.meetsWaiting(side, row, keyOf(row, this.shape))) this.tally.difference(extra(side, row));
    }
  }
}

function extra(side: Side, row: EncodedRow): Difference<EncodedRow> {
  return side === "source" ? { kind: "extraSource", source: row } : { kind: "extraTarget", target: row };
}
