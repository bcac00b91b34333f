import type { Field__Output as Field } from "../../wire/generated/query/Field.js";
import type { TablePlan } from "../plan/plan.js";
import type { SampleRow, TableReport } from "../report.js";
import { sqlLiteral } from "./literals.js";
import { type Row, sameValue } from "./row-shape.js";
import type { Difference } from "./tally.js";

export interface SampleOptions {
  /** Show the key's columns only. */
  onlyPks: boolean;
  /** Add a SELECT that finds the row. */
  debugQuery: boolean;
}

export interface SideFields {
  source: Field[];
  target: Field[];
}

/** Differences as they are shown. */
export function toSamples(
  differences: readonly Difference[],
  plan: TablePlan,
  fields: SideFields,
  options: SampleOptions,
): Pick<TableReport, "extraSourceSamples" | "extraTargetSamples" | "mismatchSamples"> {
  const source = (row: Row) => sampleRow(row, plan, fields.source, options);
  const target = (row: Row) => sampleRow(row, plan, fields.target, options);
  return {
    extraSourceSamples: differences.flatMap((found) => (found.kind === "extraSource" ? [source(found.source)] : [])),
    extraTargetSamples: differences.flatMap((found) => (found.kind === "extraTarget" ? [target(found.target)] : [])),
    mismatchSamples: differences.flatMap((found) =>
      found.kind === "mismatch"
        ? [{ source: source(found.source), target: target(found.target), differing: differing(found, plan) }]
        : [],
    ),
  };
}

/** Labels of the columns whose values aren't the same. */
function differing({ source, target }: { source: Row; target: Row }, { columns, shape }: TablePlan): string[] {
  const different = columns.filter((_, i) => !sameValue(source[i] ?? null, target[i] ?? null, shape.canonical[i]));
  return different.map(({ label }) => label);
}

export function sampleRow(row: Row, plan: TablePlan, fields: readonly Field[], options: SampleOptions): SampleRow {
  const shown = options.onlyPks && plan.keyed ? plan.shape.key : plan.columns.map((_, i) => i);
  return {
    values: shown.map((i) => ({
      label: plan.columns[i]?.label ?? "",
      type: fields[i]?.type ?? "VARBINARY",
      value: row[i] ?? null,
    })),
    query: options.debugQuery ? debugQuery(row, plan, fields, shown) : "",
  };
}

/** go/vt/wrangler/vdiff.go, genDebugQueryDiff. */
function debugQuery(row: Row, plan: TablePlan, fields: readonly Field[], shown: readonly number[]): string {
  const label = (i: number) => plan.columns[i]?.label ?? "";
  const condition = (i: number) => {
    const value = row[i] ?? null;
    return value === null ? `${label(i)} is null` : `${label(i)}=${sqlLiteral(value, fields[i]?.type ?? "VARBINARY")}`;
  };
  const from = plan.targetQuery.select.slice(plan.targetQuery.select.lastIndexOf(" from "));
  return `select ${shown.map(label).join(", ")}${from} where ${plan.shape.key.map(condition).join(" AND ")};`;
}
