import pMap from "p-map";
import type { Clock } from "../../context.js";
import { isEqual } from "./queries.js";
import { EVERYTHING, type Span } from "./range-key.js";
import type { TableSides } from "./table-sides.js";

/** A range is about so large: a fraction of a second's work for a server. */
const RANGE_BYTES = 5 * 1024 * 1024;
const MIN_RANGE_ROWS = 256;
const MAX_RANGE_ROWS = 32_768;
/** Into so many parts a range that is unequal is cut, unless it has so few rows that they are better read. */
const PARTS = 16;
const FEW_ROWS = 128;
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
    const found = await this.#look(span);
    if (found === undefined) return [];
    if (this.sides.key.length === 0 || found.rows <= FEW_ROWS) return [span];
    const parts = this.sides.cut(found.largerSide, span, Math.max(FEW_ROWS, Math.ceil(found.rows / PARTS)));
    const looks = await pMap(parts, async (part) => ({ part, found: await this.#look(part) }), {
      concurrency: AT_ONCE,
    });
    const unequal = looks.filter((look) => look.found !== undefined).map(({ part }) => part);
    // Where most differ, looking closer costs more than it saves.
    if (unequal.length > looks.length / 2 || looks.length === 1) return unequal;
    return (await pMap(unequal, (part) => this.#unequalIn(part), { concurrency: AT_ONCE })).flat();
  }

  /** undefined: the span is equal, and its rows are counted. */
  async #look(span: Span): Promise<{ rows: number; largerSide: "source" | "target" } | undefined> {
    const [source, target] = await Promise.all([
      this.sides.checksum("source", span),
      this.sides.checksum("target", span),
    ]);
    if (!isEqual(source, target)) {
      const largerSide = source.rows >= target.rows ? "source" : "target";
      return { rows: Math.max(source.rows, target.rows), largerSide };
    }
    this.#equalRows += source.rows;
    this.options.onProgress(this.#equalRows);
    return undefined;
  }

  async #again(unequal: Span[]): Promise<Span[]> {
    if (unequal.length === 0 || unequal.length > MAX_AGAIN) return unequal;
    await this.options.clock.sleep(LAG_MS, this.options.signal);
    const looks = await pMap(unequal, async (span) => ((await this.#look(span)) === undefined ? [] : [span]), {
      concurrency: AT_ONCE,
    });
    return looks.flat();
  }
}
