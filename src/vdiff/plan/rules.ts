import { FailedError, NotFoundError } from "../../errors.js";
import type { FilterRule } from "../../wire/binlog-source.js";

/** vttablet's own tables: garbage collection and online DDL (go/vt/schema/name.go). */
const INTERNAL = /^(_vt_.*|_[0-9a-f]{8}_[0-9a-f]{4}_.*_(gho|ghc|del|new|vrepl))$/;

/**
 * The rules of the tables to compare, sorted by name, and the names of the workflow's other tables. None of `tables` means all.
 * NotFoundError for one that the workflow hasn't, FailedError for rules with patterns.
 */
export function chooseRules(
  rules: readonly FilterRule[],
  tables: readonly string[],
): { rules: FilterRule[]; leftOut: string[] } {
  const wildcards = rules.filter((rule) => rule.match.startsWith("/"));
  if (wildcards.length > 0) {
    const names = wildcards.map((rule) => rule.match).join(" ");
    throw new FailedError(`cannot compare streams with wild card table names: ${names}`);
  }
  const known = rules.filter((rule) => rule.filter !== "exclude" && !INTERNAL.test(rule.match));
  const unknown = tables.filter((table) => !known.some((rule) => rule.match === table));
  if (unknown.length > 0) {
    const names = known.map((rule) => rule.match).sort();
    throw new NotFoundError(`one or more tables provided are not present in the workflow: ${unknown.join(", ")}`, {
      hint: `The workflow's tables: ${names.join(", ")}.`,
    });
  }
  const chosen = tables.length === 0 ? known : known.filter((rule) => tables.includes(rule.match));
  const leftOut = known.filter((rule) => !chosen.includes(rule)).map((rule) => rule.match);
  return { rules: chosen.sort((a, b) => (a.match < b.match ? -1 : 1)), leftOut: leftOut.sort() };
}
