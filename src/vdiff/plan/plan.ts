import { FailedError, NotFoundError, PreflightError } from "../../errors.js";
import type { FilterRule } from "../../wire/binlog-source.js";
import type { TableDefinition__Output as TableDefinition } from "../../wire/generated/tabletmanagerdata/TableDefinition.js";
import { quoteIdentifierIfNeeded } from "../../wire/sql.js";
import type { RowShape } from "../compare/row-shape.js";
import type { TableFilter } from "./filter.js";
import { Layouts, type ShardGroup, type StreamRules } from "./layout.js";
import { compareTables } from "./schema-check.js";
import { canonicalFor, keyOrderFor, type PlannedColumn, planColumns, selectTerm, sortable } from "./table-columns.js";
import type { TimeZones } from "./time-zones.js";

/** How one table is read and compared. */
export interface TablePlan {
  table: string;
  /** Its name on the source. */
  sourceTable: string;
  columns: PlannedColumn[];
  /** The target's other columns: both sides generate them, or no stream fills them. */
  uncomparedColumns: string[];
  shape: RowShape;
  /** The primary key tells rows apart on both sides; otherwise the whole row does. */
  keyed: boolean;
  /** The shards that are compared with each other; what is found is added up. */
  groups: ShardGroup[];
  /** Several target shards have every row: each of their copies is compared, and counts. */
  copied: boolean;
  /** Set if the stream converts columns of this table; RowShape.zoned tells which. */
  timeZones: TimeZones | undefined;
  sourceQuery: Query;
  targetQuery: Query;
  /** InnoDB's estimate; 0 when there is none. */
  estimatedRows: number;
  /** The two sides' estimates are far from each other: one of them is, at least, from the truth. */
  roughEstimate: boolean;
  /** The same for the bytes on one shard. */
  shardBytes: number;
  /** And for those of one row, at least 1. */
  rowBytes: number;
}

/** A SELECT in pieces, so that a condition can be put in. */
export interface Query {
  select: string;
  where: string;
  orderBy: string;
}

export function queryText(query: Query, condition = ""): string {
  const conditions = [query.where, condition].filter((part) => part !== "");
  const where = conditions.length > 1 ? conditions.map((part) => `(${part})`).join(" and ") : conditions.join("");
  return query.select + (where === "" ? "" : ` where ${where}`) + query.orderBy;
}

export interface PlanRequest {
  /** Of every stream. All name the same tables. */
  streams: readonly StreamRules[];
  /** Only these tables; none means all of the workflow. */
  tables: readonly string[];
  source: readonly TableDefinition[];
  target: readonly TableDefinition[];
  /** Between which the streams convert; undefined when they don't. */
  timeZones?: TimeZones;
}

/** InnoDB's page, with which a table begins. */
const MIN_BYTES = 16 * 1024;

/** vttablet's own tables: garbage collection and online DDL (go/vt/schema/name.go). */
const INTERNAL = /^(_vt_.*|_[0-9a-f]{8}_[0-9a-f]{4}_.*_(gho|ghc|del|new|vrepl))$/;

/**
 * The tables to compare, sorted by name, those of the workflow that aren't to be, and what the operator should know
 * about them. NotFoundError for
 * a table that the workflow has not; PreflightError, naming every column, when a table can't be compared.
 */
export function planTables(request: PlanRequest): { plans: TablePlan[]; leftOut: string[]; warnings: string[] } {
  const { rules, leftOut } = chooseRules(request.streams[0]?.rules ?? [], request.tables);
  const layouts = new Layouts(request.streams);
  const warnings: string[] = [];
  const problems: string[] = [];
  const plans: TablePlan[] = [];
  for (const rule of rules) {
    const { filter, groups, copied } = layouts.of(rule.match);
    const source = request.source.find((table) => table.name === filter.from);
    const target = request.target.find((table) => table.name === rule.match);
    const found = compareTables(rule.match, source, target, filter.columns === undefined);
    warnings.push(...found.warnings);
    problems.push(...found.problems);
    if (source !== undefined && target !== undefined && found.problems.length === 0) {
      const table = planTable(source, target, filter, request.timeZones);
      // One source shard's estimate for each that is read: shards are about as large as each other.
      const estimatedRows = Number(source.row_count) * countShards(groups, "sources");
      const roughEstimate = !alike(estimatedRows, Number(target.row_count) * countShards(groups, "targets"));
      plans.push({ ...table, groups, copied, estimatedRows, roughEstimate });
    }
  }
  if (problems.length > 0) {
    throw new PreflightError(`source and target can't be compared: ${problems.join("; ")}`, {
      hint: "Leave the table out with -tables, or bring the schemas together.",
    });
  }
  return { plans, leftOut, warnings };
}

function chooseRules(
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

function planTable(
  source: TableDefinition,
  target: TableDefinition,
  filter: TableFilter,
  timeZones: TimeZones | undefined,
): Omit<TablePlan, "groups" | "copied" | "estimatedRows" | "roughEstimate"> {
  const columns = planColumns(source, target, filter, timeZones);
  const zoned = columns.flatMap((column, i) => (column.zoned ? [i] : []));
  const keyColumns = uniqueKey(source, target, filter, columns);
  const keyed = keyColumns.length > 0;
  const key = keyed ? keyColumns : columns.map((_, i) => i);
  const canonical = columns.map((column) => (column.zoned ? timeZones?.canonical : canonicalFor(column)));
  const shape: RowShape = { key, canonical, keyOrder: key.map(keyOrderFor(columns)), zoned };
  const sorted = key.filter((i) => keyed || sortable(columns[i]));
  const orderBy = (label: (column: PlannedColumn) => string) => {
    const by = sorted.map((i) => columns[i]).filter((column) => column !== undefined);
    return by.length === 0 ? "" : ` order by ${by.map((column) => `${label(column)} asc`).join(", ")}`;
  };
  const terms = (side: "source" | "target") =>
    columns.map((column) => selectTerm(column[`${side}Expression`], column)).join(", ");
  return {
    table: target.name,
    sourceTable: source.name,
    columns,
    uncomparedColumns: target.columns.filter((name) => !columns.some((column) => column.name === name)),
    shape,
    keyed,
    sourceQuery: {
      select: `select ${terms("source")} from ${quoteIdentifierIfNeeded(source.name)}`,
      where: filter.where,
      orderBy: orderBy((column) => column.label),
    },
    targetQuery: {
      select: `select ${terms("target")} from ${quoteIdentifierIfNeeded(target.name)}`,
      where: "",
      orderBy: orderBy((column) => column.label),
    },
    timeZones: zoned.length > 0 ? timeZones : undefined,
    shardBytes: Math.max(Number(source.data_length), Number(target.data_length), MIN_BYTES),
    rowBytes: Math.max(1, Math.round(Number(source.data_length) / Math.max(1, Number(source.row_count)))),
  };
}

function countShards(groups: readonly ShardGroup[], side: keyof ShardGroup): number {
  return groups.reduce((sum, group) => sum + group[side].length, 0);
}

/** Within a quarter: InnoDB samples a few pages of each side, and seldom errs in the same way on both. */
function alike(a: number, b: number): boolean {
  return Math.min(a, b) * 1.25 >= Math.max(a, b);
}

/**
 * The target's primary key, as places in `columns`, if it is unique on the source as well: there, its
 * columns contain the primary key. Else nothing.
 */
function uniqueKey(
  source: TableDefinition,
  target: TableDefinition,
  filter: TableFilter,
  columns: readonly PlannedColumn[],
): number[] {
  const key = target.primary_key_columns.map((name) => columns.findIndex((column) => column.name === name));
  if (key.length === 0 || key.includes(-1)) return [];
  const names = new Set(key.map((i) => columns[i]?.name));
  if (filter.columns !== undefined) return key;
  const sourceKey = source.primary_key_columns;
  return sourceKey.length > 0 && sourceKey.every((name) => names.has(name)) ? key : [];
}
