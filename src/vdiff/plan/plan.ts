import { PreflightError } from "../../errors.js";
import type { TableDefinition__Output as TableDefinition } from "../../wire/generated/tabletmanagerdata/TableDefinition.js";
import { quoteIdentifierIfNeeded } from "../../wire/sql.js";
import type { RowShape } from "../compare/row-shape.js";
import type { Side } from "../run-context.js";
import type { TableFilter } from "./filter.js";
import { Layouts, type ShardGroup, type StreamRules } from "./layout.js";
import { chooseRules } from "./rules.js";
import { checkDefinitions } from "./schema-check.js";
import {
  canonicalFor,
  keyOrderFor,
  orderTerm,
  type PlannedColumn,
  planColumns,
  type ReadingOptions,
  selectTerm,
  sortable,
} from "./table-columns.js";
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
  /** Places of the leading columns that both primary keys have in this order: along them both servers find rows. */
  indexedKey: number[];
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
  /** The larger of both sides' estimates. */
  mostRows: number;
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
  return query.select + whereClause(query.where, condition) + query.orderBy;
}

/** " where .." of those conditions that aren't "", or "". */
export function whereClause(...parts: string[]): string {
  const conditions = parts.filter((part) => part !== "");
  if (conditions.length === 0) return "";
  return ` where ${conditions.length > 1 ? conditions.map((part) => `(${part})`).join(" and ") : conditions.join("")}`;
}

export interface PlanRequest extends ReadingOptions {
  /** Of every stream. All name the same tables. */
  streams: readonly StreamRules[];
  /** Only these tables; none means all of the workflow. */
  tables: readonly string[];
  source: readonly TableDefinition[];
  target: readonly TableDefinition[];
}

/** InnoDB's page, with which a table begins. */
const MIN_BYTES = 16 * 1024;

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
    const found = checkDefinitions(rule.match, source, target, filter.columns === undefined);
    warnings.push(...found.warnings);
    problems.push(...found.problems);
    if (source !== undefined && target !== undefined && found.problems.length === 0) {
      const table = planTable(source, target, filter, request);
      // One source shard's estimate for each that is read: shards are about as large as each other.
      const estimatedRows = Number(source.row_count) * countShards(groups, "sources");
      const targetRows = Number(target.row_count) * countShards(groups, "targets");
      const estimates = {
        estimatedRows,
        mostRows: Math.max(estimatedRows, targetRows),
        roughEstimate: !alike(estimatedRows, targetRows),
      };
      plans.push({ ...table, groups, copied, ...estimates });
    }
  }
  if (problems.length > 0) {
    throw new PreflightError(`source and target can't be compared: ${problems.join("; ")}`, {
      hint: "Leave the table out with -tables, or bring the schemas together.",
    });
  }
  return { plans, leftOut, warnings };
}

function planTable(
  source: TableDefinition,
  target: TableDefinition,
  filter: TableFilter,
  reading: ReadingOptions,
): Omit<TablePlan, "groups" | "copied" | "estimatedRows" | "mostRows" | "roughEstimate"> {
  const { timeZones } = reading;
  const columns = planColumns(source, target, filter, reading);
  const zoned = columns.flatMap((column, i) => (column.zoned ? [i] : []));
  const keyColumns = uniqueKey(source, target, filter, columns);
  const keyed = keyColumns.length > 0;
  const key = keyed ? keyColumns : columns.map((_, i) => i);
  const canonical = columns.map((column) => (column.zoned ? timeZones?.canonical : canonicalFor(column)));
  const shape: RowShape = { key, canonical, keyOrder: key.map(keyOrderFor(columns)), zoned };
  const sorted = key.filter((i) => keyed || sortable(columns[i]));
  const query = (side: Side, { name }: TableDefinition, where: string): Query => {
    const by = sorted.flatMap((i) => columns[i] ?? []).map((column) => `${orderTerm(column, side, name)} asc`);
    return {
      select: `select ${columns.map((column) => selectTerm(column, side)).join(", ")} from ${quoteIdentifierIfNeeded(name)}`,
      where,
      orderBy: by.length === 0 ? "" : ` order by ${by.join(", ")}`,
    };
  };
  return {
    table: target.name,
    sourceTable: source.name,
    columns,
    uncomparedColumns: target.columns.filter((name) => !columns.some((column) => column.name === name)),
    shape,
    keyed,
    indexedKey: key.slice(0, keyed ? commonStart(source.primary_key_columns, target.primary_key_columns) : 0),
    sourceQuery: query("source", source, filter.where),
    targetQuery: query("target", target, ""),
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

function commonStart(a: readonly string[], b: readonly string[]): number {
  const other = a.findIndex((name, i) => name !== b[i]);
  return other < 0 ? a.length : other;
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
