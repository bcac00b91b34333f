import { displayWidth, padEndWidth, padStartWidth } from "./width.js";

export interface TableOptions {
  /** Headers in capitals, as tablewriter does unless SetAutoFormatHeaders(false). */
  upperCaseHeaders?: boolean;
  /** A rule between rows; a first cell that repeats the one above is left empty, without a rule over it. */
  rowLines?: boolean;
}

/** tablewriter's MAX_ROW_WIDTH: cells are wrapped at words beyond it, and their column is as wide then. */
const maxCellWidth = 30;

/**
 * A table as github.com/olekukonko/tablewriter v0.0.5 prints it: `+---+` borders, centred headers, numbers
 * right-aligned, everything else left-aligned. Ends with a newline.
 */
export function formatTable(headers: string[], rows: string[][], options: TableOptions = {}): string {
  const titles = headers.map((header) => (options.upperCaseHeaders ? upperCase(header) : header));
  const cells = rows.map((row) => titles.map((_, column) => wrap(row[column] ?? "")));
  const widths = titles.map((title, column) =>
    Math.max(displayWidth(title), ...rows.map((row, y) => columnWidth(row[column] ?? "", cells[y]?.[column] ?? []))),
  );
  const border = rule(widths);
  const lines = [border, line(titles.map((title, column) => centre(title, widths[column] ?? 0))), border];
  for (const [index, row] of cells.entries()) {
    const repeats = options.rowLines && index > 0 && rows[index]?.[0] === rows[index - 1]?.[0];
    if (options.rowLines && index > 0) lines.push(repeats ? rule(widths, " ") : border);
    lines.push(...formatRow(repeats ? [[""], ...row.slice(1)] : row, widths));
  }
  if (cells.length > 0) lines.push(border);
  return `${lines.join("\n")}\n`;
}

/** What a wrapped cell wants: the room that it was wrapped to, not what its lines then take. */
function columnWidth(text: string, wrapped: string[]): number {
  const paragraphs = text.split("\n").map(displayWidth);
  return Math.max(Math.min(maxCellWidth, Math.max(...paragraphs)), ...wrapped.map(displayWidth));
}

function rule([first = 0, ...others]: number[], overFirst = "-"): string {
  return `+${[overFirst.repeat(first + 2), ...others.map((width) => "-".repeat(width + 2))].join("+")}+`;
}

function formatRow(row: string[][], widths: number[]): string[] {
  const height = Math.max(...row.map((cell) => cell.length));
  return Array.from({ length: height }, (_, y) =>
    line(row.map((cell, column) => align(cell[y] ?? "", widths[column] ?? 0))),
  );
}

function line(cells: string[]): string {
  return `|${cells.map((cell) => ` ${cell} `).join("|")}|`;
}

function align(text: string, width: number): string {
  return /^[-+]?(\d[\d,]*)?\.?\d+%?$/.test(text) ? padStartWidth(text, width) : padEndWidth(text, width);
}

function centre(text: string, width: number): string {
  const gap = width - displayWidth(text);
  return " ".repeat(Math.floor(gap / 2)) + text + " ".repeat(Math.ceil(gap / 2));
}

function upperCase(header: string): string {
  return header.replaceAll("_", " ").toUpperCase();
}

/**
 * Breaks a text into lines as evenly as its words allow (tablewriter's WrapString): words are never
 * broken, and a single long word widens the column.
 */
function wrap(text: string): string[] {
  const paragraphs = text.split("\n");
  return paragraphs.flatMap((paragraph) => {
    const words = paragraph.split(/\s+/).filter((word) => word !== "");
    if (words.length === 0) return [""];
    const limit = Math.max(maxCellWidth, ...words.map(displayWidth));
    return wrapWords(words, limit);
  });
}

/**
 * Minimum-raggedness wrapping: the sum of squares of the blanks left on each line, the last one excepted,
 * is the least; a line over the limit costs more than any blank.
 */
function wrapWords(words: string[], limit: number): string[] {
  const widths = words.map(displayWidth);
  const cost: number[] = Array.from({ length: words.length + 1 }, () => 0);
  const next: number[] = Array.from({ length: words.length }, () => words.length);
  for (let i = words.length - 1; i >= 0; i--) {
    let best = Number.POSITIVE_INFINITY;
    let used = -1;
    for (let j = i; j < words.length; j++) {
      used += 1 + (widths[j] ?? 0);
      if (used > limit && j > i) break;
      const blank = limit - used;
      const own = j === words.length - 1 ? 0 : blank * blank;
      const total = own + (cost[j + 1] ?? 0);
      if (total < best) {
        best = total;
        next[i] = j + 1;
      }
    }
    cost[i] = best;
  }
  const lines: string[] = [];
  for (let i = 0; i < words.length; ) {
    const end = next[i] ?? words.length;
    lines.push(words.slice(i, end).join(" "));
    i = end;
  }
  return lines;
}
