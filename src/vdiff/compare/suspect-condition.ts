import type { TablePlan } from "../plan/plan.js";
import { isPlain } from "../plan/table-columns.js";
import { keyCondition, keyLiteral } from "./literals.js";
import type { Found } from "./pass.js";

/** So many keys fit into one statement; beyond that all of the job's rows are read a second time. */
const MAX_KEYS = 1000;

/** A WHERE that finds the suspects by their primary key; undefined where only reading everything is certain to. */
export function suspectCondition(
  { keyed, shape, columns }: TablePlan,
  { tally, fields }: Pick<Found, "tally" | "fields">,
): string | undefined {
  if (!keyed || tally.suspects.size > MAX_KEYS) return undefined;
  const key = shape.key.flatMap((i) => columns[i] ?? []);
  if (!key.every(isPlain)) return undefined;
  const rows: string[][] = [];
  for (const row of tally.suspects.values()) {
    const literals = shape.key.flatMap((i) => keyLiteral(row[i] ?? null, fields.source[i], fields.target[i]) ?? []);
    if (literals.length < key.length) return undefined;
    rows.push(literals);
  }
  return keyCondition(
    key.map(({ label }) => label),
    rows,
  );
}
