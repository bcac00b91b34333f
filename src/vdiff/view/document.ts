import type { VdiffResult } from "../client-engine.js";
import {
  isQuoted,
  type MismatchSample,
  type MisplacedSample,
  type Placement,
  type SampleRow,
  type SampleValue,
  type TableReport,
} from "../report.js";

/** The result for `-json`, which docs/vdiff.schema.json describes. Values are whole, as in vtctlclient's JSON. */
export function resultDocument({ tables, ...result }: VdiffResult): object {
  return { ...result, tables: tables.map(tableDocument) };
}

function tableDocument(report: TableReport): object {
  return {
    table: report.table,
    whole: report.whole,
    uncomparedColumns: report.uncomparedColumns,
    processedRows: report.processedRows,
    matchingRows: report.matchingRows,
    mismatchedRows: report.mismatchedRows,
    extraRowsSource: report.extraRowsSource,
    extraRowsTarget: report.extraRowsTarget,
    misplacedRows: report.misplacedRows,
    rowsRead: report.rowsRead,
    ...(report.checksums && { checksums: report.checksums }),
    placement: placementDocument(report.placement),
    extraSourceSamples: report.extraSourceSamples.map((row) => ({ missingOn: "target", ...rowDocument(row) })),
    extraTargetSamples: report.extraTargetSamples.map((row) => ({ missingOn: "source", ...rowDocument(row) })),
    mismatchSamples: report.mismatchSamples.map(mismatchDocument),
    misplacedSamples: report.misplacedSamples.map(misplacedDocument),
  };
}

function placementDocument(placement: Placement): object {
  if (placement.checked) return placement;
  const { checked, reason, needless } = placement;
  return { checked, reason, needed: !needless };
}

function mismatchDocument({ source, target, differing }: MismatchSample): object {
  return { differingColumns: differing, source: rowDocument(source), target: rowDocument(target) };
}

function misplacedDocument({ row, foundOn, belongsOn }: MisplacedSample): object {
  return { foundOn, belongsOn: belongsOn ?? null, ...rowDocument(row) };
}

function rowDocument({ values, query }: SampleRow): object {
  const row = Object.fromEntries(values.map((value) => [value.label, valueDocument(value)]));
  return query === "" ? { row } : { row, query };
}

/** 64-bit integers and decimals that a double can't hold are strings of digits; what isn't text is hexadecimal. */
function valueDocument({ type, value }: SampleValue): string | number | { hex: string } | null {
  if (value === null) return null;
  if (!isText(value)) return { hex: value.toString("hex") };
  const text = value.toString("utf8");
  return !isQuoted(type) && String(Number(text)) === text ? Number(text) : text;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isText(value: Buffer): boolean {
  try {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: bytes that no text has
    return !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(utf8.decode(value));
  } catch {
    return false;
  }
}
