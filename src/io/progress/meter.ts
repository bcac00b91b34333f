import type { ProgressRow } from "../io.js";
import { type Rate, RateWindow } from "./rate-window.js";
import { timeLeft } from "./time-left.js";

/** A row and what was measured of it. */
export interface Measured {
  row: ProgressRow;
  finished: boolean;
  /** Of the last seconds; once finished, of the whole time it took. Undefined where too little is known. */
  rate: Rate | undefined;
  /** Seconds; undefined: unknown. */
  left: number | undefined;
}

export interface Measurement {
  rows: Measured[];
  /** All rows together; undefined when there is but one. */
  total: Measured | undefined;
}

interface Watched {
  window: RateWindow;
  /** When it was seen with nothing done for the last time. */
  begunAt: number;
  finishedAt: number | undefined;
}

/** The moment's own row; no table's name has blanks around it. */
const TOTAL = " total ";

/** Watches rows as they grow. Times are milliseconds of any clock that goes on. */
export class Meter {
  private readonly watched = new Map<string, Watched>();

  /** To be told as often as a picture is drawn. */
  observe(rows: readonly ProgressRow[], now: number): void {
    for (const row of rows) this.watch(row.label, row, now);
    if (rows.length > 1) this.watch(TOTAL, sum(rows), now);
  }

  measure(rows: readonly ProgressRow[], now: number): Measurement {
    const measured = rows.map((row) => this.measureRow(row.label, row, now));
    return { rows: measured, total: rows.length > 1 ? this.measureRow(TOTAL, sum(rows), now) : undefined };
  }

  private watch(key: string, row: ProgressRow, now: number): void {
    const watched = this.watched.get(key) ?? { window: new RateWindow(), begunAt: now, finishedAt: undefined };
    this.watched.set(key, watched);
    if (row.done === 0) watched.begunAt = now;
    if (!isFinished(row)) watched.finishedAt = undefined;
    else watched.finishedAt ??= now;
    watched.window.observe(now, row.done, row.bytes);
  }

  private measureRow(key: string, row: ProgressRow, now: number): Measured {
    const watched = this.watched.get(key);
    const finished = isFinished(row);
    if (!finished) {
      const rate = watched?.window.rate(now);
      return { row, finished, rate, left: timeLeft(row, rate) };
    }
    const ms = (watched?.finishedAt ?? now) - (watched?.begunAt ?? now);
    const bytes = row.bytes === undefined ? undefined : (row.bytes * 1000) / ms;
    const rate = ms < 1000 ? undefined : { rows: (row.done * 1000) / ms, bytes, steady: false };
    return { row, finished, rate, left: undefined };
  }
}

export function isFinished(row: ProgressRow): boolean {
  return row.finished ?? (row.total !== undefined && row.done >= row.total);
}

/** What is finished counts as what it was, not as what it had been thought to be. */
function sum(rows: readonly ProgressRow[]): ProgressRow {
  const totals = rows.map((row) => (isFinished(row) ? row.done : row.total));
  const open = rows.filter((row) => !isFinished(row));
  const known = totals.filter((total) => total !== undefined);
  const bytes = rows.map((row) => row.bytes).filter((some) => some !== undefined);
  return {
    label: "total",
    done: add(rows.map((row) => row.done)),
    ...(known.length === rows.length && { total: add(known) }),
    ...(bytes.length > 0 && { bytes: add(bytes) }),
    estimated: open.some((row) => row.estimated === true),
    // A table that outgrows its estimate says nothing of how much it has left.
    rough: open.some((row) => row.rough === true || row.done > (row.total ?? 0)),
    finished: open.length === 0,
    state: `${rows.length - open.length} of ${rows.length} done`,
  };
}

function add(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
