import { NotFoundError, PreflightError, UsageError } from "../../errors.js";
import { isTableSpec, parseTableSpec } from "../../vschema/table-spec.js";
import { type LeftOut, requireNoViews } from "./left-out.js";

export interface TableChoice {
  all: boolean;
  /** "a,b", or a table spec: {"a": {...}, "b": {}}. */
  tables: string;
  /** "a,b" */
  exclude: string;
}

/** UsageError "no tables specified to move", or for a table spec that can't be read, before anything is opened. */
export function requireTableChoice(choice: TableChoice): void {
  tableNames(choice.tables);
  if (!choice.all && choice.tables.trim() === "") {
    throw new UsageError("no tables specified to move", { hint: "-all, or -tables a,b" });
  }
}

/**
 * The tables to copy, sorted (go/vt/vtctl/workflow/server.go, v22). With `all`, Vitess's own leftovers of
 * schema changes are left out; they come back in `skipped`.
 *
 * NotFoundError "table(s) not found in source keyspace <ks>: a,b"; PreflightError "no tables to move", or for a view that is
 * named.
 */
export function chooseTables(
  choice: TableChoice,
  source: { keyspace: string; tables: string[]; leftOut?: LeftOut[] },
): { tables: string[]; skipped: string[] } {
  const named = tableNames(choice.tables);
  const excluded = splitNames(choice.exclude);
  const { leftOut = [] } = source;
  requireNoViews(named, leftOut);
  requireKnown(named, source);
  requireKnown(
    excluded.filter((name) => !leftOut.some((entry) => entry.name === name)),
    source,
  );
  const wanted = named.length > 0 ? named : source.tables;
  const skipped = named.length > 0 ? [] : wanted.filter(isOperationTable);
  const tables = wanted.filter((table) => !excluded.includes(table) && !skipped.includes(table));
  if (tables.length === 0) {
    throw new PreflightError("no tables to move", { hint: whyNone(source) });
  }
  return { tables: [...new Set(tables)].sort(), skipped };
}

function whyNone({ keyspace, tables }: { keyspace: string; tables: string[] }): string {
  if (tables.length === 0)
    return `Source keyspace ${keyspace} has no tables: is it the right one, and -source the right mount?`;
  return `Nothing is left: source keyspace ${keyspace} has ${tables.join(", ")}. See what -tables and -exclude name.`;
}

function requireKnown(names: string[], source: { keyspace: string; tables: string[] }): void {
  const unknown = names.filter((name) => !source.tables.includes(name));
  if (unknown.length === 0) return;
  throw new NotFoundError(`table(s) not found in source keyspace ${source.keyspace}: ${unknown.join(",")}`, {
    hint: `It has ${source.tables.join(", ") || "no tables"}.`,
  });
}

function tableNames(text: string): string[] {
  return isTableSpec(text) ? parseTableSpec(text).names : splitNames(text);
}

function splitNames(text: string): string[] {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

/**
 * What Vitess takes for its own, to the letter (go/vt/schema: name.go, tablegc.go, online_ddl.go, v22; "0-f" is a range
 * of ASCII). pt-online-schema-change's leftovers, `_<table>_old`, count in every version.
 */
const OPERATION_TABLES = [
  /^_vt_(HOLD|PURGE|EVAC|DROP)_[0-f]{32}_[0-9]{14}$/,
  /^_vt_[a-zA-Z0-9]{3}_[0-f]{32}_[0-9]{14}_$/,
  /^_[0-f]{8}_[0-f]{4}_[0-f]{4}_[0-f]{4}_[0-f]{12}_[0-9]{14}_(gho|ghc|del|new|vrepl)$/,
  /^_.*_old$/,
];

/** Tables whose changes no source tablet sends (vstreamer/vstreamer.go, buildTablePlan: v11 to v22). */
export function isOperationTable(name: string): boolean {
  return OPERATION_TABLES.some((pattern) => pattern.test(name));
}
