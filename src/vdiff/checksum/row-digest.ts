import type { PlannedColumn } from "../plan/table-columns.js";
import type { Side } from "../run-context.js";

/** Stands for a row whose digest MySQL couldn't compute: more than any number of digests add up to. */
const NO_DIGEST = 10n ** 40n;

/**
 * SQL for a row's digest: the first 64 bits of SHA2-224 over all its compared columns, as a number that can be added up.
 * The same on every MySQL and MariaDB, whatever the connection's character set and time zone are. Where two servers
 * may print equal values differently (JSON, FLOAT) digests differ for rows that don't: who finds them different has to
 * look at the rows themselves.
 *
 * concat_ws() is NULL for a row that is larger than max_allowed_packet, and so is its digest: see hasAllDigests.
 */
export function rowDigest(columns: readonly PlannedColumn[], side: Side): string {
  const terms = columns.flatMap((column) => columnTerms(column, side));
  const number = `cast(conv(left(sha2(concat_ws('#', ${terms.join(", ")}), 224), 16), 16, 10) as unsigned)`;
  return `coalesce(${number}, ${NO_DIGEST})`;
}

/** Whether a sum of digests has one for every row. */
export function hasAllDigests(sum: bigint): boolean {
  return sum < NO_DIGEST;
}

/**
 * What a column adds to the row's text. Together they leave no doubt about where a value ends: numbers and times have no
 * "#" in them, of anything else the length comes first; and "N" is NULL, which concat_ws() itself would pass over.
 */
function columnTerms(column: PlannedColumn, side: Side): string[] {
  const expression = column[`${side}Expression`];
  const orNull = (term: string) => (column.nullable ? `coalesce(${term}, 'N')` : term);
  const ofKnownLength = (text: string, length = `length(${text})`) => [orNull(length), text];
  const { sourceType, targetType } = column;
  const types = [sourceType, targetType];
  const isFilled = types.some(isZerofill);
  if (types.every(isExactNumber)) {
    return [orNull(sourceType === targetType && !isFilled ? expression : asDecimal(expression, types))];
  }
  if (types.every(isBit) || (types.every(isFloat) && isFilled)) return [orNull(`${expression} + 0`)];
  if (types.every(isFloat) || types.every(isTimeOfSomeKind)) return [orNull(expression)];
  // What is stored, where the value itself depends on the session's time zone.
  if (types.every(isTimestamp)) return [orNull(`unix_timestamp(${expression})`)];
  if (types.every(isBinary)) return ofKnownLength(expression);
  if (types.every(isOpaque)) return [orNull(`hex(${expression})`)];
  if (types.every(isText) && haveOneCharset(column)) {
    return ofKnownLength(`cast(${expression} as binary)`, `length(${expression})`);
  }
  if (types.every((type) => isText(type) || isJson(type))) {
    return ofKnownLength(`cast(convert(${expression} using utf8mb4) as binary)`);
  }
  // Of unknown or different kinds: nothing may be lost here, whatever it costs to look at rows that are equal after all.
  return ofKnownLength(`cast(${expression} as binary)`);
}

/** Numbers of different types in one form, where one holds them all. */
function asDecimal(expression: string, types: readonly string[]): string {
  const digits = types.map(digitsOf);
  const scale = Math.max(...digits.map(({ fraction }) => fraction));
  const fits = digits.every(({ whole }) => whole + scale <= 65);
  return fits ? `cast(${expression} as decimal(65, ${scale}))` : expression;
}

function digitsOf(type: string): { whole: number; fraction: number } {
  if (!/^(decimal|numeric)\b/.test(type)) return { whole: 20, fraction: 0 };
  const [, precision = "10", fraction = "0"] = /\((\d+)(?:,(\d+))?\)/.exec(type) ?? [];
  return { whole: Number(precision) - Number(fraction), fraction: Number(fraction) };
}

function haveOneCharset({ sourceCollation, targetCollation }: PlannedColumn): boolean {
  const charset = (collation: string | undefined) => collation?.match(/^[a-z0-9]+/)?.[0];
  return sourceCollation !== undefined && charset(sourceCollation) === charset(targetCollation);
}

function isExactNumber(type: string): boolean {
  return /^((tiny|small|medium|big)?int|year|decimal|numeric)\b/.test(type);
}

/** Printed with as many zeros as its display width has room for, which may be another one on the other side. */
function isZerofill(type: string): boolean {
  return /\bzerofill\b/.test(type);
}

function isBit(type: string): boolean {
  return /^bit\b/.test(type);
}

function isFloat(type: string): boolean {
  return /^(float|double)\b/.test(type);
}

function isTimeOfSomeKind(type: string): boolean {
  return /^(date|datetime|time)\b/.test(type);
}

function isTimestamp(type: string): boolean {
  return /^timestamp\b/.test(type);
}

function isBinary(type: string): boolean {
  return /^(var)?binary\b|^(tiny|medium|long)?blob\b/.test(type);
}

function isText(type: string): boolean {
  return /^(var)?char\b|^(tiny|medium|long)?text\b|^(enum|set)\b/.test(type);
}

function isJson(type: string): boolean {
  return type === "json";
}

/** Bytes that no character set applies to, and that cast() doesn't take. */
function isOpaque(type: string): boolean {
  return /^(geometry|point|linestring|polygon|multi|geomcollection|vector)/.test(type);
}
