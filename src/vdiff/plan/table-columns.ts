import { type ColumnDefinition, parseColumns } from "../../schema/columns.js";
import type { TableDefinition__Output as TableDefinition } from "../../wire/generated/tabletmanagerdata/TableDefinition.js";
import { quoteIdentifierIfNeeded } from "../../wire/sql.js";
import { canonicalJson, canonicalNumber, canonicalSet, canonicalTime } from "../compare/canonical.js";
import type { Canonical, RowShape } from "../compare/row-shape.js";
import type { TableFilter } from "./filter.js";
import type { TimeZones } from "./time-zones.js";

/** A column that is compared. */
export interface PlannedColumn {
  name: string;
  /** As it stands in statements and reports: back-quoted where Vitess quotes it. */
  label: string;
  /** The value on either side, in SQL: the column itself, or what the filter or a time zone makes of it. */
  sourceExpression: string;
  targetExpression: string;
  /** The stream converts it from one time zone to another; the target's expression converts it back. */
  zoned: boolean;
  /** Column types of both sides, normalised ("bigint unsigned"); "" where unknown. */
  sourceType: string;
  targetType: string;
  /** On at least one side, or unknown. */
  nullable: boolean;
  /** Of text columns, as far as CREATE TABLE tells: "utf8mb4_bin", "latin1 (default)". */
  sourceCollation: string | undefined;
  targetCollation: string | undefined;
}

/** Both sides show the column as it is stored. */
export function isPlain({ label, sourceExpression, targetExpression }: PlannedColumn): boolean {
  return sourceExpression === label && targetExpression === label;
}

/** As it stands in a SELECT's list. */
export function selectTerm(expression: string, { label }: PlannedColumn): string {
  return expression === label ? label : `${expression} as ${label}`;
}

/**
 * The target's columns in its order, or the filter's list. Columns that both sides compute themselves are
 * left out: nobody copies them.
 */
export function planColumns(
  source: TableDefinition,
  target: TableDefinition,
  filter: TableFilter,
  timeZones?: TimeZones,
): PlannedColumn[] {
  const onSource = byName(source);
  const onTarget = byName(target);
  const terms =
    filter.columns ??
    target.columns
      .filter((name) => !(onSource.get(name)?.generated && onTarget.get(name)?.generated))
      .map((name) => ({ expression: quoteIdentifierIfNeeded(name), alias: name }));
  return terms.map(({ expression, alias }) => {
    const label = quoteIdentifierIfNeeded(alias);
    const [from, to] = [onSource.get(expression.replaceAll("`", "")), onTarget.get(alias)];
    const zoned = timeZones !== undefined && /^datetime\b/.test(from?.type ?? "");
    return {
      name: alias,
      label,
      sourceExpression: expression,
      targetExpression: zoned ? timeZones.back(label) : label,
      zoned,
      sourceType: from?.type ?? "",
      targetType: to?.type ?? "",
      nullable: (from?.nullable ?? true) || (to?.nullable ?? true),
      sourceCollation: from?.collation,
      targetCollation: to?.collation,
    };
  });
}

export function byName(table: TableDefinition): Map<string, ColumnDefinition> {
  return new Map(parseColumns(table.schema).map((column) => [column.name, column]));
}

const INTEGER = /^(tiny|small|medium|big)?int\b|^year\b/;
const FLOATING = /^(float|double|real)\b/;
const EXACT = /^((tiny|small|medium|big)?int|year|decimal|numeric)\b/;
const NUMBER = /^(decimal|numeric|float|double)\b/;
const ZEROFILL = /\bzerofill\b/;

/**
 * JSON may be printed differently by any two servers, and floating zeros; numbers, times and sets where the types differ. So
 * may ZEROFILL numbers of one type: its display width is no part of it.
 */
export function canonicalFor({ sourceType, targetType }: PlannedColumn): Canonical | undefined {
  if (sourceType === "json" || targetType === "json") return canonicalJson;
  const both = (pattern: RegExp) => pattern.test(sourceType) && pattern.test(targetType);
  if (both(FLOATING) || both(ZEROFILL)) return canonicalNumber;
  if (sourceType === targetType) return undefined;
  if (both(/^set\b/)) return canonicalSet;
  if (both(/^(date|datetime|timestamp)\b/) || both(/^time\b/)) return canonicalTime;
  return [sourceType, targetType].every((type) => EXACT.test(type) || FLOATING.test(type))
    ? canonicalNumber
    : undefined;
}

export function keyOrderFor(columns: readonly PlannedColumn[]): (column: number) => RowShape["keyOrder"][number] {
  return (i) => {
    const type = columns[i]?.targetType ?? "";
    if (INTEGER.test(type)) return "integer";
    return NUMBER.test(type) ? "number" : "bytes";
  };
}

/** MySQL has no order for some types. */
export function sortable(column: PlannedColumn | undefined): boolean {
  return (
    column !== undefined && !/^(json|geometry|point|linestring|polygon|multi|geomcoll|vector)/.test(column.targetType)
  );
}
