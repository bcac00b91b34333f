import type { CliResult } from "../cli.js";
import type { Found } from "./hazard.js";

interface Sample {
  row: { n: number };
}

interface Report {
  table: string;
  matchingRows: number;
  mismatchedRows: number;
  extraRowsSource: number;
  extraRowsTarget: number;
  mismatchSamples: { source: Sample; target: Sample }[];
  extraSourceSamples: Sample[];
  extraTargetSamples: Sample[];
}

/** By table, what `VDiff -json` has printed of rows that are told apart by a column n; Error when counts and samples disagree. */
export function readFound({ stdout, stderr }: CliResult): Map<string, Found> {
  if (stdout === "") throw new Error(`VDiff printed nothing: ${stderr}`);
  const { tables } = JSON.parse(stdout) as { tables: Report[] };
  return new Map(tables.map((report) => [report.table, found(report)]));
}

function found(report: Report): Found {
  const { matchingRows: matching, mismatchSamples, extraSourceSamples, extraTargetSamples } = report;
  const numbers = (samples: Sample[], count: number) => {
    if (samples.length !== count) throw new Error(`${count} rows of ${report.table}, but ${samples.length} samples`);
    return samples.map(({ row }) => row.n).sort((a, b) => a - b);
  };
  const sources = mismatchSamples.map(({ source }) => source);
  return {
    matching,
    mismatched: numbers(sources, report.mismatchedRows),
    missing: numbers(extraSourceSamples, report.extraRowsSource),
    extra: numbers(extraTargetSamples, report.extraRowsTarget),
  };
}
