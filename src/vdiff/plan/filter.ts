import { FailedError } from "../../errors.js";
import { identifierName, isWord, type SqlWord, sqlWords } from "../../schema/sql-words.js";
import { stringValue } from "../../schema/strings.js";
import { isFullKeyRange, parseKeyRange } from "../../wire/key-range.js";

/** What a stream's rule selects of one table. */
export interface TableFilter {
  /** The source's table. */
  from: string;
  /** undefined: every column. */
  columns: { expression: string; alias: string }[] | undefined;
  /** The conditions without in_keyrange: "" when there are none. */
  where: string;
  /** The key range that rows must lie in ("-80"); undefined: every row of the source's shard. */
  keyRange: string | undefined;
}

/**
 * Reads a rule's filter: "" or a bare key range ("-80") for all rows, or
 * `select * from t [where in_keyrange(..) [and ..]]`, or with a list of columns
 * (go/vt/wrangler/vdiff.go, buildTablePlan). FailedError for what can't be compared row by row.
 */
export function parseFilter(table: string, filter: string): TableFilter {
  try {
    return readFilter(table, filter);
  } catch (error) {
    throw error instanceof SyntaxError ? notComparable(table, filter) : error;
  }
}

function readFilter(table: string, filter: string): TableFilter {
  if (filter === "" || /^[0-9a-fA-F]*-[0-9a-fA-F]*$/.test(filter)) {
    return { from: table, columns: undefined, where: "", keyRange: partOf(filter) };
  }
  const words = sqlWords(filter);
  const from = words.findIndex((word) => word.depth === 0 && isWord(word, "from"));
  const name = words[from + 1];
  if (!isWord(words[0], "select") || from < 0 || name === undefined) throw notComparable(table, filter);
  const columns = parseColumns(filter, words.slice(1, from));
  if (columns === "unknown") throw notComparable(table, filter);
  const rest = words.slice(from + 2);
  if (rest.length > 0 && !isWord(rest[0], "where")) throw notComparable(table, filter);
  if (rest.some((word) => word.depth === 0 && isWord(word, "group", "order", "limit"))) {
    throw notComparable(table, filter);
  }
  const conditions = splitConditions(filter, rest.slice(1));
  if (conditions === undefined) throw notComparable(table, filter);
  return { from: identifierName(name.text), columns, ...conditions };
}

/** undefined for a range that leaves nothing out. */
function partOf(keyRange: string): string | undefined {
  return keyRange === "" || isFullKeyRange(parseKeyRange(keyRange)) ? undefined : keyRange;
}

function parseColumns(filter: string, words: SqlWord[]): TableFilter["columns"] | "unknown" {
  if (words.length === 1 && words[0]?.text === "*") return undefined;
  const columns = splitAt(words, ",").map((part) => {
    const last = part.at(-1);
    if (last === undefined || part.some((word) => word.text === "*")) return undefined;
    if (part.length === 1) return { expression: last.text, alias: identifierName(last.text) };
    if (!isWord(part.at(-2), "as")) return undefined;
    return { expression: textOf(filter, part.slice(0, -2)), alias: identifierName(last.text) };
  });
  const known = columns.filter((column) => column !== undefined);
  return known.length === columns.length ? known : "unknown";
}

/** The AND-ed conditions, in_keyrange() apart from the others; undefined when it stands anywhere else. */
function splitConditions(filter: string, words: SqlWord[]): Pick<TableFilter, "where" | "keyRange"> | undefined {
  const conditions = isPlainConjunction(words) ? conjuncts(words) : [words];
  const kept = conditions.filter((condition) => !isKeyRange(condition));
  if (kept.flat().some((word) => isWord(word, "in_keyrange"))) return undefined;
  const range = conditions.find(isKeyRange)?.findLast(({ text }) => /^['"]/.test(text));
  return {
    where: kept.map((condition) => textOf(filter, condition)).join(" and "),
    keyRange: range === undefined ? undefined : partOf(stringValue(range.text)),
  };
}

/** in_keyrange( .. ) and nothing else. */
function isKeyRange(condition: SqlWord[]): boolean {
  const inner = condition.slice(2, -1);
  return isWord(condition[0], "in_keyrange") && inner.every((word) => word.depth > 0);
}

function isPlainConjunction(words: SqlWord[]): boolean {
  return !words.some((word) => word.depth === 0 && isWord(word, "or", "xor", "||"));
}

function conjuncts(words: SqlWord[]): SqlWord[][] {
  const parts: SqlWord[][] = [[]];
  let inBetween = false;
  for (const word of words) {
    if (word.depth === 0 && isWord(word, "and") && !inBetween) {
      parts.push([]);
      continue;
    }
    if (word.depth === 0 && isWord(word, "between")) inBetween = true;
    else if (word.depth === 0 && isWord(word, "and")) inBetween = false;
    parts.at(-1)?.push(word);
  }
  return parts.filter((part) => part.length > 0);
}

function splitAt(words: SqlWord[], separator: string): SqlWord[][] {
  const parts: SqlWord[][] = [[]];
  for (const word of words) {
    if (word.depth === 0 && word.text === separator) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}

function textOf(sql: string, words: SqlWord[]): string {
  return sql.slice(words[0]?.start ?? 0, words.at(-1)?.end ?? 0);
}

function notComparable(table: string, filter: string): FailedError {
  return new FailedError(`the filter of table ${table} can't be compared row by row: ${filter}`, {
    hint: "Leave the table out with -tables.",
  });
}
