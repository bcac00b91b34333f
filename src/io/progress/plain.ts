import type { Progress, ProgressRow } from "../io.js";
import { cellsOf } from "./cells.js";
import { type Measured, Meter } from "./meter.js";

const observeMs = 200;
const firstMs = 5000;
/** Between two lines, at most. */
const longestMs = 60_000;
/** Of the time that has passed: what takes hours doesn't need a line every few seconds. */
const share = 0.1;
/** A line names this many unfinished rows. */
const named = 3;

/** Without a terminal: a line now and then, nothing at all for what is over sooner. */
export class PlainProgress implements Progress {
  private readonly startedAt: number;
  private printedAt: number;
  private observedAt: number;
  private printed: string | undefined;
  private latest: ProgressRow[] = [];
  private ended = false;
  private readonly meter = new Meter();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly print: (line: string) => void,
    private readonly now: () => number,
  ) {
    this.startedAt = this.now();
    this.printedAt = this.startedAt;
    this.observedAt = Number.NEGATIVE_INFINITY;
    // What stands still says so as well.
    this.timer = setInterval(() => this.look(), firstMs);
    this.timer.unref();
  }

  update(rows: ProgressRow[]): void {
    if (this.ended) return;
    this.latest = rows;
    this.look();
  }

  done(): void {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.timer);
    if (this.printed !== undefined) this.printLatest(this.now());
  }

  private look(): void {
    const now = this.now();
    if (now - this.observedAt < observeMs) return;
    this.observedAt = now;
    this.meter.observe(this.latest, now);
    const pause = Math.min(longestMs, Math.max(firstMs, (now - this.startedAt) * share));
    if (now - this.printedAt >= pause) this.printLatest(now);
  }

  private printLatest(now: number): void {
    this.printedAt = now;
    this.meter.observe(this.latest, now);
    const line = this.line(now);
    if (line === "" || line === this.printed) return;
    this.printed = line;
    this.print(line);
  }

  private line(now: number): string {
    const { rows, total } = this.meter.measure(this.latest, now);
    const open = rows.filter((row) => !row.finished);
    const names = open.slice(0, named).map((row) => this.part(row, row.row.label));
    const more = open.length > names.length ? [`${open.length - names.length} more`] : [];
    const all = total === undefined ? [] : [this.part(total, "total")];
    return [...all, ...names, ...more].join("; ") || rows.map((row) => this.part(row, row.row.label)).join("; ");
  }

  /** "customer 50% 5,000 of ~10,000, 212k rows/s, 31 MB/s, 45 s left, comparing" */
  private part(measured: Measured, label: string): string {
    const { percent, counts, rows, bytes, left, state } = cellsOf(measured, this.ended);
    const first = [label, percent, counts.trim()].filter((text) => text !== "").join(" ");
    return [first, rows, bytes, left, state].filter((text) => text !== "").join(", ");
  }
}
