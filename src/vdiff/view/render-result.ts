import { isQuoted, type SampleRow, type TableReport } from "../report.js";

/** A report for `-json`: names in our own style, values as JSON values. Bytes that aren't UTF-8 become U+FFFD. */
export function reportDocument(report: TableReport): object {
  return {
    table: report.table,
    processedRows: report.processedRows,
    matchingRows: report.matchingRows,
    mismatchedRows: report.mismatchedRows,
    extraRowsSource: report.extraRowsSource,
    extraRowsTarget: report.extraRowsTarget,
    rowsRead: report.rowsRead,
    ...(report.checksums && { checksums: report.checksums }),
    extraSourceSamples: report.extraSourceSamples.map(rowDocument),
    extraTargetSamples: report.extraTargetSamples.map(rowDocument),
    mismatchSamples: report.mismatchSamples.map(({ source, target }) => ({
      source: rowDocument(source),
      target: rowDocument(target),
    })),
  };
}

/** 64-bit integers and decimals stay exact only as text: numbers that a double can't hold are strings. */
function rowDocument({ values, query }: SampleRow): object {
  const row = Object.fromEntries(
    values.map(({ label, type, value }) => {
      const text = value?.toString("utf8") ?? null;
      const number = Number(text);
      const exact = text !== null && !isQuoted(type) && String(number) === text;
      return [label, exact ? number : text];
    }),
  );
  return query === "" ? { row } : { row, query };
}
