import { displayWidth, padStartWidth } from "./width.js";

/** gotabulate's MIN_PADDING. */
const padding = 5;

/**
 * A table as github.com/bndr/gotabulate prints it in its "grid" format: cells on the right, columns five wider than their
 * longest cell, a line under every row, and a double one under the headers. Ends with a newline.
 */
export function formatGrid(headers: string[], rows: string[][]): string {
  const widths = headers.map(
    (header, column) => padding + Math.max(displayWidth(header), ...rows.map((row) => displayWidth(row[column] ?? ""))),
  );
  const border = (line: string) => `+${widths.map((width) => line.repeat(width)).join("+")}+`;
  const cells = (row: string[]) =>
    `|${widths.map((width, i) => `${padStartWidth(row[i] ?? "", width - 1)} `).join("|")}|`;
  const body = rows.flatMap((row) => [cells(row), border("-")]);
  return `${[border("-"), cells(headers), border("="), ...body].join("\n")}\n`;
}
