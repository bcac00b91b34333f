import type { Expr, OrderItem, Select } from "../../mysql/parse/ast.js";
import type { Token } from "../../mysql/parse/tokens.js";
import { tokenize } from "../../mysql/parse/tokens.js";
import { unsupported } from "../errors.js";
import { type Edit, splice } from "../splice.js";
import { literalOf } from "./literal.js";
import type { MergeOrder } from "./merge.js";

/**
 * A SELECT for each of several shards: the ORDER BY expressions' values come as columns behind the others, each with
 * its weight_string, and LIMIT lets as many rows through as the merge may need. Throws SqlError for an order or
 * limit that can't be read off the text.
 */
export function rewriteForMerge(sql: string, query: Select): MergeOrder & { text: string } {
  const tokens = tokenize(sql);
  const edits: Edit[] = [];
  const from = topLevel(tokens, "FROM");
  if (query.orderBy.length > 0 && from !== undefined) {
    const extra = query.orderBy.map(({ expr }) => orderColumn(sql, expr, query));
    edits.push({ start: from.start, end: from.start, text: `${extra.join("")} ` });
  }
  const limit = query.limit && { count: rows(query.limit.count), offset: rows(query.limit.offset) };
  if (limit !== undefined && query.limit !== undefined) {
    const start = topLevel(tokens, "LIMIT")?.end ?? 0;
    const end = Math.max(query.limit.count.end, query.limit.offset?.end ?? 0);
    edits.push({ start, end, text: ` ${limit.count + limit.offset}` });
  }
  const order = query.orderBy.map(({ descending }: OrderItem) => ({ descending }));
  return { text: splice(sql, edits), order, ...(limit && { limit }) };
}

function orderColumn(sql: string, expr: Expr, query: Select): string {
  const { start, end } = orderedBy(expr, query);
  const text = sql.slice(start, end);
  return `, ${text}, weight_string(${text})`;
}

/** What stands in the select list for a position or an alias. */
function orderedBy(expr: Expr, { items }: Select): Expr {
  if (expr.kind === "number") {
    const item = items[Number(expr.text) - 1]?.expr;
    if (item === undefined || items.some((each) => each.expr.kind === "star")) throw unsupported("ORDER BY a position");
    if (item.kind !== "star") return item;
  }
  if (expr.kind !== "column" || expr.table !== undefined) return expr;
  const named = items.find(({ alias }) => alias?.toLowerCase() === expr.name.toLowerCase())?.expr;
  return named === undefined || named.kind === "star" ? expr : named;
}

function topLevel(tokens: Token[], word: string): Token | undefined {
  let depth = 0;
  return tokens.find(({ kind, text }) => {
    if (kind === "symbol" && text === "(") depth += 1;
    if (kind === "symbol" && text === ")") depth -= 1;
    return depth === 0 && kind === "word" && text === word;
  });
}

/** 0 for an absent offset. */
function rows(expr: Expr | undefined): number {
  if (expr === undefined) return 0;
  const count = Number(literalOf(expr)?.value ?? Number.NaN);
  if (Number.isSafeInteger(count)) return count;
  throw unsupported("LIMIT with anything but a number over several shards");
}
