/** VDiffOptions in a request and as the JSON of `_vt.vdiff.options`. A zero is a zero: none stands for a default. */
import type { MessageOutput } from "../../../wire/proto.js";
import type { VDiffVersion } from "./versions.js";

export interface VDiffOptions {
  tabletTypes: string;
  /** Comma lists. */
  sourceCell: string;
  targetCell: string;
  /** A comma list, unlike cells without trimming; "" means all. */
  tables: string;
  autoRetry: boolean;
  maxRows: number;
  timeoutMs: number;
  maxExtraRows: number;
  updateTableStats: boolean;
  /** 0: as long as it takes. */
  maxDiffMs: number;
  onlyPks: boolean;
  debugQuery: boolean;
  /** 0: all. */
  maxSampleRows: number;
  /** In bytes; 0: nowhere. */
  truncateAt: number;
}

type Sent = MessageOutput<"tabletmanagerdata.VDiffOptions">;

/**
 * What Go's encoding/json makes of the message: zero values left out, 64-bit numbers as numbers. Fields that the version's
 * message doesn't have are lost on the way.
 */
export function optionsJson(options: Sent, version: VDiffVersion): string {
  const unknown = unknownFields(version);
  const parts = Object.entries(options).flatMap(([name, part]) =>
    part === null ? [] : `${JSON.stringify(name)}:{${members(part, unknown)}}`,
  );
  return `{${parts.join(",")}}`;
}

function unknownFields({ keepsOptions, limits, autoStart, cutsByOption }: VDiffVersion): Set<string> {
  return new Set([
    // v17's, like the other changes between v16 and v18.
    ...(keepsOptions ? [] : ["update_table_stats"]),
    ...(limits ? [] : ["max_diff_seconds", "max_sample_rows"]),
    ...(autoStart ? [] : ["auto_start"]),
    ...(cutsByOption ? [] : ["row_diff_column_truncate_at"]),
  ]);
}

const strings = new Set(["tables", "tablet_types", "source_cell", "target_cell", "format"]);

function members(part: object, unknown: ReadonlySet<string>): string {
  const texts = Object.entries(part).flatMap(([name, value]: [string, unknown]) => {
    if (unknown.has(name)) return [];
    // An optional field that was sent is kept whatever it says.
    if (name === "auto_start") return value === undefined ? [] : `"auto_start":${value}`;
    if (name.startsWith("_") || value === "" || value === false || value === "0") return [];
    return `${JSON.stringify(name)}:${strings.has(name) ? JSON.stringify(value) : value}`;
  });
  return texts.join(",");
}

/** Throws SyntaxError for what is no JSON. */
export function parseOptions(json: string): VDiffOptions {
  const stored: { [part in keyof Sent]?: Record<string, unknown> } = JSON.parse(json);
  const { picker_options: picker, core_options: core, report_options: report } = stored;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  const number = (value: unknown) => Number(value ?? 0);
  return {
    tabletTypes: text(picker?.tablet_types),
    sourceCell: text(picker?.source_cell),
    targetCell: text(picker?.target_cell),
    tables: text(core?.tables),
    autoRetry: core?.auto_retry === true,
    maxRows: number(core?.max_rows),
    timeoutMs: number(core?.timeout_seconds) * 1000,
    maxExtraRows: number(core?.max_extra_rows_to_compare),
    updateTableStats: core?.update_table_stats === true,
    maxDiffMs: number(core?.max_diff_seconds) * 1000,
    onlyPks: report?.only_pks === true,
    debugQuery: report?.debug_query === true,
    maxSampleRows: number(report?.max_sample_rows),
    truncateAt: number(report?.row_diff_column_truncate_at),
  };
}
