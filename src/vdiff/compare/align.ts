import { FailedError } from "../../errors.js";
import { nextRow, type RowReader } from "./row-reader.js";
import { detach, guessOrder, keyOf, type Row, type RowShape, rowBytes, sameKey, sameRow } from "./row-shape.js";
import { Tally } from "./tally.js";

export interface AlignOptions {
  budget: Budget;
  /** Keys kept for a second look. */
  maxSuspects: number;
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
): Promise<{ tally: Tally; steps: number }> {
  const alignment = new Alignment(shape, options);
  await alignment.run(source, target);
  return { tally: alignment.tally, steps: alignment.steps };
}

class Alignment {
  readonly tally: Tally;
  steps = 0;
  private readonly waiting: Record<"source" | "target", Waiting>;
  private streak = 0;

  constructor(
    private readonly shape: RowShape,
    private readonly options: AlignOptions,
  ) {
    this.tally = new Tally(shape, options.maxSuspects);
    this.waiting = { source: new Waiting(options.budget), target: new Waiting(options.budget) };
  }

  async run(source: RowReader, target: RowReader): Promise<void> {
    let s: Row | undefined;
    let t: Row | undefined;
    for (;;) {
      if (this.options.budget.steps <= 0) return this.stopEarly();
      s ??= source.take() ?? (await nextRow(source));
      t ??= target.take() ?? (await nextRow(target));
      if (s === undefined || t === undefined) break;
      this.step();
      if (sameKey(s, t, this.shape)) {
        this.pair(s, t);
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

  private step(): void {
    this.steps++;
    this.options.budget.steps--;
    if (this.steps % PROGRESS_EVERY === 0) this.options.onProgress?.(this.tally.processed);
  }

  private readsSourceNext(s: Row, t: Row): boolean {
    const guess = guessOrder(s, t, this.shape) < 0;
    if (++this.streak % MAX_STREAK !== 0) return guess;
    return !guess;
  }

  private pair(source: Row, target: Row): void {
    this.streak = 0;
    if (sameRow(source, target, this.shape)) this.tally.matching++;
    else this.tally.difference({ kind: "mismatch", source, target });
  }

  private unpaired(side: "source" | "target", row: Row): void {
    const key = keyOf(row, this.shape);
    const partner = this.waiting[side === "source" ? "target" : "source"].take(key);
    if (partner !== undefined) {
      if (side === "source") this.pair(row, partner);
      else this.pair(partner, row);
      return;
    }
    this.waiting[side].add(key, detach(row));
    const { bytes, maxPendingBytes } = this.options.budget;
    if (bytes < 0) throw tooFarApart(maxPendingBytes);
  }

  /** The other side has ended: what finds no partner among the waiting rows never will. */
  private async drain(side: "source" | "target", head: Row | undefined, reader: RowReader): Promise<void> {
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
    for (const row of this.waiting.source.rows()) this.tally.suspect(row);
    for (const row of this.waiting.target.rows()) this.tally.suspect(row);
    this.options.onProgress?.(this.tally.processed);
  }
}

/** Rows that have not met their partner yet. */
class Waiting {
  private readonly byKey = new Map<string, Row[]>();

  constructor(private readonly budget: Budget) {}

  add(key: string, row: Row): void {
    this.budget.bytes -= rowBytes(row) + key.length;
    const same = this.byKey.get(key);
    if (same === undefined) this.byKey.set(key, [row]);
    else same.push(row);
  }

  take(key: string): Row | undefined {
    const same = this.byKey.get(key);
    const row = same?.pop();
    if (row === undefined) return undefined;
    this.budget.bytes += rowBytes(row) + key.length;
    if (same?.length === 0) this.byKey.delete(key);
    return row;
  }

  *rows(): Iterable<Row> {
    for (const same of this.byKey.values()) yield* same;
  }
}

function tooFarApart(bytes: number): FailedError {
  return new FailedError(
    `more than ${Math.round(bytes / 1024 / 1024)} MiB of rows wait for their partner: the two sides come in very different orders, or differ almost everywhere`,
    { hint: "Compare fewer rows with -limit, or leave the table out with -tables." },
  );
}
