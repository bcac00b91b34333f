import type { Progress, ProgressRow } from "./io.js";
import type { Sink } from "./sink.js";
import { displayWidth, fitWidth, padEndWidth, withoutControls } from "./width.js";

const redrawMs = 100;
const plainEveryMs = 5000;
/** Plain lines name this many unfinished rows. */
const plainRows = 3;

/** Rows redrawn in place, a line per row, cut to the terminal's width and height. */
export class LiveProgress implements Progress {
  private rows: ProgressRow[] = [];
  private drawnLines = 0;
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  constructor(
    private readonly terminal: Sink,
    private readonly onDone: () => void,
  ) {}

  update(rows: ProgressRow[]): void {
    if (this.ended) return;
    this.rows = rows;
    if (this.timer !== undefined) return;
    this.redraw();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.redraw();
    }, redrawMs);
    this.timer.unref();
  }

  done(): void {
    if (this.ended) return;
    this.redraw();
    this.ended = true;
    clearTimeout(this.timer);
    this.onDone();
  }

  /** Takes the rows off the screen; `draw` puts them back. */
  clear(): void {
    this.terminal.write(this.erase());
    this.drawnLines = 0;
  }

  draw(): void {
    if (this.ended) return;
    const lines = formatRows(this.rows, this.terminal.columns, this.terminal.rows - 1);
    this.terminal.write(lines.map((line) => `${line}\n`).join(""));
    this.drawnLines = lines.length;
  }

  private redraw(): void {
    if (this.ended) return;
    this.clear();
    this.draw();
  }

  private erase(): string {
    return this.drawnLines === 0 ? "" : `\u001b[${this.drawnLines}A\r\u001b[J`;
  }
}

/** Without a terminal: one line every few seconds, nothing at all for what is over sooner. */
export class PlainProgress implements Progress {
  private printedAt = Date.now();
  private printed: string | undefined;
  private latest: ProgressRow[] = [];
  private ended = false;

  constructor(private readonly print: (line: string) => void) {}

  update(rows: ProgressRow[]): void {
    if (this.ended) return;
    this.latest = rows;
    if (Date.now() - this.printedAt < plainEveryMs) return;
    this.printLatest();
  }

  done(): void {
    if (this.ended) return;
    this.ended = true;
    if (this.printed !== undefined) this.printLatest();
  }

  private printLatest(): void {
    this.printedAt = Date.now();
    const line = formatPlain(this.latest);
    if (line === "" || line === this.printed) return;
    this.printed = line;
    this.print(line);
  }
}

/** "customer  [#####     ]  50%  5,000 of ~10,000  copying", never wider than `columns`. */
function formatRows(rows: ProgressRow[], columns: number, height: number): string[] {
  const room = Math.max(1, height);
  const hidden = rows.length > room ? rows.length - room + 1 : 0;
  const shown = hidden === 0 ? rows : mostInteresting(rows, room - 1);
  const labelWidth = Math.min(Math.max(0, ...shown.map((row) => displayWidth(row.label))), Math.floor(columns / 3));
  const lines = shown.map((row) => {
    const label = padEndWidth(fitWidth(withoutControls(row.label), labelWidth), labelWidth);
    const parts = [label, bar(row), percent(row).padStart(4), counts(row), withoutControls(row.state ?? "")];
    return fitWidth(parts.filter((part) => part.trim() !== "").join("  "), columns - 1);
  });
  return hidden === 0 ? lines : [...lines, fitWidth(`... and ${hidden} more`, columns - 1)];
}

/** Unfinished rows first, order kept otherwise. */
function mostInteresting(rows: ProgressRow[], count: number): ProgressRow[] {
  const chosen = new Set([...rows.filter((row) => !isDone(row)), ...rows.filter(isDone)].slice(0, count));
  return rows.filter((row) => chosen.has(row));
}

function formatPlain(rows: ProgressRow[]): string {
  if (rows.length === 0) return "";
  const open = rows.filter((row) => !isDone(row));
  const named = open.slice(0, plainRows).map((row) => {
    const parts = [row.label, percent(row), counts(row), row.state ?? ""];
    return parts.filter((part) => part !== "").join(" ");
  });
  const more = open.length > named.length ? [`${open.length - named.length} more`] : [];
  return [`${rows.length - open.length} of ${rows.length} done`, ...named, ...more].join("; ");
}

function isDone(row: ProgressRow): boolean {
  return row.finished ?? (row.total !== undefined && row.done >= row.total);
}

function percent(row: ProgressRow): string {
  if (!row.total) return "";
  return `${Math.min(100, Math.floor((row.done * 100) / row.total))}%`;
}

function counts(row: ProgressRow): string {
  const done = row.done.toLocaleString("en-US");
  if (row.total === undefined) return done;
  return `${done} of ${row.estimated ? "~" : ""}${row.total.toLocaleString("en-US")}`;
}

function bar(row: ProgressRow): string {
  const width = 10;
  if (row.total === undefined) return " ".repeat(width + 2);
  const share = row.total === 0 ? 1 : Math.min(1, row.done / row.total);
  return `[${"#".repeat(Math.floor(share * width)).padEnd(width)}]`;
}
