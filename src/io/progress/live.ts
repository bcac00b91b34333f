import type { Progress, ProgressRow } from "../io.js";
import type { Sink } from "../sink.js";
import { displayWidth } from "../width.js";
import { type Cells, cellsOf } from "./cells.js";
import { Layout } from "./layout.js";
import { type Measured, type Measurement, Meter } from "./meter.js";

const redrawMs = 100;
/** Without news: a pace that falls shows as well. */
const idleMs = 1000;

const eraseBelow = "\u001b[J";
const eraseToEndOfLine = "\u001b[K";

/** Rows redrawn in place, a line per row and one for all, cut to the terminal's width and height. */
export class LiveProgress implements Progress {
  private rows: ProgressRow[] = [];
  private drawn: string[] = [];
  private soon: NodeJS.Timeout | undefined;
  private readonly idle: NodeJS.Timeout;
  private ended = false;
  private readonly meter = new Meter();
  private layout = new Layout(["percent", "rows", "left", "state"]);

  constructor(
    private readonly terminal: Sink,
    private readonly now: () => number,
    private readonly onDone: () => void,
  ) {
    this.idle = setInterval(() => this.redraw(), idleMs);
    this.idle.unref();
  }

  update(rows: ProgressRow[]): void {
    if (this.ended) return;
    this.rows = rows;
    if (this.soon !== undefined) return;
    this.redraw();
    this.soon = setTimeout(() => {
      this.soon = undefined;
      this.redraw();
    }, redrawMs);
    this.soon.unref();
  }

  done(): void {
    if (this.ended) return;
    clearTimeout(this.soon);
    clearInterval(this.idle);
    this.layout = new Layout();
    this.redraw(true);
    this.ended = true;
    this.onDone();
  }

  /** Takes the rows off the screen; `draw` puts them back. */
  clear(): void {
    this.terminal.write(this.drawn.length === 0 ? "" : `${this.up()}${eraseBelow}`);
    this.drawn = [];
  }

  draw(): void {
    if (!this.ended) this.redraw();
  }

  /** In one piece, line over line: a terminal that shows what it has got so far never shows nothing. */
  private redraw(last = false): void {
    if (this.ended) return;
    const now = this.now();
    this.meter.observe(this.rows, now);
    const lines = this.picture(this.meter.measure(this.rows, now), last);
    if (lines.length === 0 && this.drawn.length === 0) return;
    const text = lines.map((line) => `${line}${eraseToEndOfLine}\n`).join("");
    this.terminal.write(`${this.up()}${text}${lines.length < this.drawn.length ? eraseBelow : ""}`);
    this.drawn = lines;
  }

  private picture({ rows, total }: Measurement, last: boolean): string[] {
    const { columns } = this.terminal;
    const room = Math.max(1, this.terminal.rows - 1 - (total === undefined ? 0 : 1));
    const hidden = rows.length > room ? rows.length - room + 1 : 0;
    const shown = hidden === 0 ? rows : mostInteresting(rows, room - 1);
    const cells: Cells[] = [...shown, ...(total === undefined ? [] : [total])].map((one) => cellsOf(one, last));
    const lines = this.layout.lines(cells, columns);
    if (hidden > 0) lines.splice(shown.length, 0, `... and ${hidden} more`.slice(0, columns - 1));
    return lines;
  }

  /** To the first line of what was drawn; a terminal that has become narrower since has wrapped its lines. */
  private up(): string {
    const { columns } = this.terminal;
    const lines = this.drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
    return lines === 0 ? "" : `\u001b[${lines}A\r`;
  }
}

/** Unfinished rows first, order kept otherwise. */
function mostInteresting(rows: Measured[], count: number): Measured[] {
  const chosen = new Set(
    [...rows.filter((row) => !row.finished), ...rows.filter((row) => row.finished)].slice(0, count),
  );
  return rows.filter((row) => chosen.has(row));
}
