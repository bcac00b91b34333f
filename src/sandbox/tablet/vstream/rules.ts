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

/**
 * Tables that Vitess takes for its own, or for a schema change's: a source tablet sends neither their changes nor, to an
 * atomic copy, their rows (go/vt/schema/name.go, IsInternalOperationTableName; "0-f" is a range of ASCII).
 */
export function isInternalTable(name: string): boolean {
  return INTERNAL.some((pattern) => pattern.test(name));
}

const INTERNAL = [
  /^_vt_(HOLD|PURGE|EVAC|DROP)_[0-f]{32}_[0-9]{14}$/,
  /^_vt_[a-zA-Z0-9]{3}_[0-f]{32}_[0-9]{14}_$/,
  /^_[0-f]{8}_[0-f]{4}_[0-f]{4}_[0-f]{4}_[0-f]{12}_[0-9]{14}_(gho|ghc|del|new|vrepl)$/,
  /^_.*_old$/,
];
