import type { Row } from "../compare/row-shape.js";
import type { SampleRow, TableReport } from "../report.js";
import type { PlacementCheck } from "./placement-check.js";
import type { TablePlacement } from "./placements.js";

/** What is said of where a table's rows lie; `check` has seen them if there is a rule. */
export function placementReport(
  { reason = "not every row was read", needless = false }: TablePlacement,
  check: PlacementCheck | undefined,
  sampleOf: (row: Row) => SampleRow,
): Pick<TableReport, "placement" | "misplacedRows" | "misplacedSamples"> {
  if (check === undefined) {
    return { placement: { checked: false, reason, needless }, misplacedRows: 0, misplacedSamples: [] };
  }
  const { rule, rows, misplaced, samples } = check;
  return {
    placement: { checked: true, vindex: rule.vindex, rows },
    misplacedRows: misplaced,
    misplacedSamples: samples.map(({ row, foundOn, belongsOn }) => ({ row: sampleOf(row), foundOn, belongsOn })),
  };
}
