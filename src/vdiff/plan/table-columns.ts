import { type ColumnDefinition, parseColumns } from "../../schema/columns.js";
import type { Type__Output as Type } from "../../wire/generated/query/Type.js";
import type { TableDefinition__Output as TableDefinition } from "../../wire/generated/tabletmanagerdata/TableDefinition.js";
import { quoteIdentifierIfNeeded } from "../../wire/sql.js";
import { canonicalJson, canonicalNumber, canonicalSet, canonicalTime } from "../compare/canonical.js";
import type { Canonical, RowShape } from "../compare/row-shape.js";
import type { Side } from "../run-context.js";
import { asUtf8mb4Bytes } from "./connection-charset.js";
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
  /** The type as which rows show its text, where that is selected as bytes: see connection-charset.ts. */
  sourceText: Type | undefined;
  targetText: Type | undefined;
}

/** Both sides show the column as it is stored. */
export function isPlain({ label, sourceExpression, targetExpression }: PlannedColumn): boolean {
  return sourceExpression === label && targetExpression === label;
}

/** As it stands in the list of the SELECT that reads one side's rows. */
export function selectTerm(column: PlannedColumn, side: Side): string {
  const expression = column[`${side}Expression`];
  const selected = column[`${side}Text`] === undefined ? expression : asUtf8mb4Bytes(expression);
  return selected === column.label ? column.label : `${selected} as ${column.label}`;
}

/** As it stands in that SELECT's ORDER BY: the column itself, by which a key sorts, where its label means the bytes of its text. */
export function orderTerm(column: PlannedColumn, side: Side, table: string): string {
  const isColumn = column[`${side}Type`] !== "";
  if (column[`${side}Text`] === undefined || !isColumn) return column.label;
  return `${quoteIdentifierIfNeeded(table)}.${column[`${side}Expression`]}`;
}

export interface ReadingOptions {
  /** Between which the streams convert; undefined when they don't. */
  timeZones?: TimeZones | undefined;
  /** The sides on which text is selected as bytes. */
  textAsBytes?: ReadonlySet<Side>;
}

/**
 * The target's columns in its order, or the filter's list. Columns that both sides compute themselves are
 * left out: nobody copies them.
 */
export function planColumns(
  source: TableDefinition,
  target: TableDefinition,
  filter: TableFilter,
  { timeZones, textAsBytes = new Set() }: ReadingOptions = {},
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
    const targetText = textType(target, to);
    // What a filter computes is text if the target keeps it as such.
    const sourceText = from === undefined ? targetText : textType(source, from);
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
      sourceText: textAsBytes.has("source") ? sourceText : undefined,
      targetText: textAsBytes.has("target") ? targetText : undefined,
    };
  });
}

/** What GetSchema calls a column of text or JSON; undefined for others. */
function textType({ fields }: TableDefinition, column: ColumnDefinition | undefined): Type | undefined {
  if (column === undefined || !TEXT.test(column.type)) return undefined;
  return fields.find(({ name }) => name === column.name)?.type ?? "TEXT";
}

export function byName(table: TableDefinition): Map<string, ColumnDefinition> {
  return new Map(parseColumns(table.schema).map((column) => [column.name, column]));
}

const TEXT = /^((var)?char|(tiny|medium|long)?text|enum|set|json)\b/;
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
