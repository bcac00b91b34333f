/** Which rule of a filter a table falls under (go/vt/vttablet/tabletserver/vstreamer/planbuilder.go, ruleMatches). */
import { quoteIdentifierIfNeeded, sqlString } from "../../../wire/sql.js";

export interface Rule {
  match: string;
  filter: string;
}

const EXCLUDED = "exclude";

/** The SELECT for a table; undefined when no rule wants it. An empty filter is everything, "-80" a key range. */
export function queryFor(rules: readonly Rule[], table: string): string | undefined {
  const rule = rules.find(({ match }) => matches(match, table));
  if (rule === undefined || rule.filter === EXCLUDED) return undefined;
  const everything = `select * from ${quoteIdentifierIfNeeded(table)}`;
  if (rule.filter === "") return everything;
  if (/^[0-9a-fA-F]*-[0-9a-fA-F]*$/.test(rule.filter)) {
    return `${everything} where in_keyrange(${sqlString(rule.filter)})`;
  }
  return rule.filter;
}

/** Table names match exactly; a match in slashes is a regular expression. */
export function matches(match: string, table: string): boolean {
  return match.startsWith("/") ? new RegExp(match.replace(/^\/|\/$/g, "")).test(table) : match === table;
}
