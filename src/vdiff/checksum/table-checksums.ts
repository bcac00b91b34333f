import pMap from "p-map";
import type { Clock } from "../../context.js";
import { FailedError } from "../../errors.js";
import type { Side } from "../run-context.js";
import { isEqual } from "./queries.js";
import { EVERYTHING, type Span } from "./range-key.js";
import type { TableSides } from "./table-sides.js";

/** A range is about so large: a fraction of a second's work for a server. */
const RANGE_BYTES = 2.5 * 1024 * 1024;
const MIN_RANGE_ROWS = 256;
const MAX_RANGE_ROWS = 16_384;
/** Into so many parts a range that is unequal is cut, unless it has so few rows that they are better read. */
const PARTS = 16;
const FEW_ROWS = 256;
/** Ranges of a table that are looked at together; TabletQueue limits what reaches a tablet. */
const AT_ONCE = 8;
/** Streams bring most changes within that time. */
const LAG_MS = 250;
/** More unequal ranges than that aren't asked for again: they don't come from a lag. */
const MAX_AGAIN = 200;

export interface ChecksumResult {
  /** Rows in ranges that were equal. */
  equalRows: number;
  /** Ranges that the table was cut into at first. */
  ranges: number;
  /** Those that stayed unequal, in the table's order: the rows in them have to be looked at. */
  unequal: Span[];
}

interface Unequal {
  span: Span;
  /** On the side that has more of them. */
  rows: number;
  largerSide: Side;
}

export interface ChecksumOptions {
  rowBytes: number;
  clock: Clock;
  signal: AbortSignal;
  /** With the number of rows that were equal so far. */
  onProgress(equalRows: number): void;
}

/**
 * Compares a table by checksums of ranges of its key, while streams run and rows change: a range that is equal held the
 * same rows on the source at one moment and on the target at another, and needs no further look. What is unequal
 * is cut into smaller ranges, and asked for once more after a moment: then only few rows are left that really
 * differ, or that change all the time.
 */
export async function checksumTable(sides: TableSides, options: ChecksumOptions): Promise<ChecksumResult> {
  return new TableChecksums(sides, options).run();
}

class TableChecksums {
  #equalRows = 0;
  #ranges = 0;

  constructor(
    private readonly sides: TableSides,
    private readonly options: ChecksumOptions,
  ) {}

  async run(): Promise<ChecksumResult> {
    const found = await pMap(
      this.#ranged(),
      async (span) => {
        this.#ranges++;
        return this.#unequalIn(span);
      },
      { concurrency: AT_ONCE },
    );
    const unequal = await this.#again(found.flat());
    return { equalRows: this.#equalRows, ranges: this.#ranges, unequal };
  }

  #ranged(): AsyncIterable<Span> | Iterable<Span> {
    if (this.sides.key.length === 0) return [EVERYTHING];
    const rows = Math.floor(RANGE_BYTES / this.options.rowBytes);
    return this.sides.cut("source", EVERYTHING, Math.min(MAX_RANGE_ROWS, Math.max(MIN_RANGE_ROWS, rows)));
  }

  /** What of a span is unequal: nothing, parts of it, or all. */
  async #unequalIn(span: Span): Promise<Span[]> {
    const [found] = await this.#look(span, [span]);
    return found === undefined ? [] : this.#narrow(found);
  }

  async #narrow({ span, rows, largerSide }: Unequal): Promise<Span[]> {
    if (this.sides.key.length === 0 || rows <= FEW_ROWS) return [span];
    const parts: Span[] = [];
    for await (const part of this.sides.cut(largerSide, span, Math.max(FEW_ROWS, Math.ceil(rows / PARTS)))) {
      parts.push(part);
    }
    if (parts.length === 1) return [span];
    const unequal = await this.#look(span, parts);
    // Where most differ, looking closer costs more than it saves.
    if (unequal.length > parts.length / 2) return unequal.map((found) => found.span);
    return (await pMap(unequal, (found) => this.#narrow(found), { concurrency: AT_ONCE })).flat();
  }

  /** Those of a span's parts that are unequal, in one statement on each tablet; the rows of the others are counted. */
  async #look(whole: Span, parts: readonly Span[]): Promise<Unequal[]> {
    const [source, target] = await Promise.all([
      this.sides.checksums("source", whole, parts),
      this.sides.checksums("target", whole, parts),
    ]);
    const unequal = parts.flatMap((span, i) => {
      const [from, to] = [source[i], target[i]];
      if (from === undefined || to === undefined) throw new FailedError("a checksum is missing");
      if (!isEqual(from, to)) {
        const largerSide: Side = from.rows >= to.rows ? "source" : "target";
        return [{ span, rows: Math.max(from.rows, to.rows), largerSide }];
      }
      this.#equalRows += from.rows;
      return [];
    });
    if (unequal.length < parts.length) this.options.onProgress(this.#equalRows);
    return unequal;
  }

  async #again(unequal: Span[]): Promise<Span[]> {
    if (unequal.length === 0 || unequal.length > MAX_AGAIN) return unequal;
    await this.options.clock.sleep(LAG_MS, this.options.signal);
    const looks = await pMap(unequal, (span) => this.#look(span, [span]), { concurrency: AT_ONCE });
    return looks.flat().map(({ span }) => span);
  }
}
