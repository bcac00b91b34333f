import { displayWidth, fitWidth, padEndWidth, padStartWidth } from "../width.js";
import type { Cells } from "./cells.js";

type Column = keyof Cells;

const order: readonly Column[] = ["label", "percent", "bar", "counts", "rows", "bytes", "left", "state"];
const numbers: ReadonlySet<Column> = new Set(["percent", "counts", "rows", "bytes"]);
/** What goes first where the terminal is narrow; a long label is cut after the first of them. */
const dispensable: readonly Column[] = ["bar", "state", "bytes", "counts", "rows"];
/** "100%", "1.2M rows/s", "1.2 GB/s", "left unknown", "comparing": what these will be as wide as, sooner or later. */
const least: Partial<Record<Column, number>> = { percent: 4, rows: 11, bytes: 8, left: 12, state: 9 };
const shortestLabel = 12;
const gap = "  ";

/**
 * Rows as lines with aligned columns, never wider than the terminal less one. Columns only grow and, once left
 * out, stay so until the terminal's width changes: nothing jumps to and fro.
 */
export class Layout {
  private widths = new Map<Column, number>();
  private without = new Set<Column>();
  private labelCut = Number.POSITIVE_INFINITY;
  private columns = 0;

  /** @param expected columns that have nothing to show yet, and will have: there is room for them from the beginning */
  constructor(private readonly expected: readonly Column[] = []) {}

  lines(rows: readonly Cells[], columns: number): string[] {
    if (columns !== this.columns) this.startOver(columns);
    for (const column of order) {
      const width = Math.max(this.widths.get(column) ?? 0, ...rows.map((cells) => displayWidth(cells[column])));
      const growing = this.expected.includes(column);
      if (width > 0 || growing) this.widths.set(column, growing ? Math.max(width, least[column] ?? 0) : width);
    }
    this.fit(columns - 1);
    return rows.map((cells) => fitWidth(this.line(cells), columns - 1));
  }

  private startOver(columns: number): void {
    this.widths = new Map();
    this.without = new Set();
    this.labelCut = Math.max(shortestLabel, Math.floor(columns / 3));
    this.columns = columns;
  }

  private fit(room: number): void {
    for (const column of dispensable) {
      if (this.width() <= room) return;
      this.without.add(column);
      const over = this.width() - room;
      if (over > 0) this.labelCut = Math.max(shortestLabel, Math.min(this.labelCut, this.widthOf("label") - over));
    }
  }

  private shown(): Column[] {
    return order.filter((column) => this.widths.has(column) && !this.without.has(column));
  }

  private width(): number {
    const shown = this.shown();
    return shown.reduce((sum, column) => sum + this.widthOf(column), gap.length * (shown.length - 1));
  }

  private widthOf(column: Column): number {
    const width = this.widths.get(column) ?? 0;
    return column === "label" ? Math.min(width, this.labelCut) : width;
  }

  private line(cells: Cells): string {
    const parts = this.shown().map((column) => {
      const width = this.widthOf(column);
      const text = fitWidth(cells[column], width);
      return numbers.has(column) ? padStartWidth(text, width) : padEndWidth(text, width);
    });
    return parts.join(gap).trimEnd();
  }
}
