// Which ids a WHERE on the column id wants: sorted ranges [first, last] that don't touch.
import { parseStatement } from "../../../dist/sandbox/mysql/parse/statement.js";

/** Of a SELECT, and how the query goes on: its statement as sandbox/mysql/parse/ast.ts has it. */
export function readSelect(sql, everything) {
  const { query } = parseStatement(sql);
  return { query, ranges: query.where === undefined ? [everything] : wanted(query.where, everything) };
}

export function countIds(ranges) {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** The id after `offset` others; undefined when there are not so many. */
export function idAt(ranges, offset) {
  let before = 0;
  for (const [first, last] of ranges) {
    if (offset < before + last - first + 1) return first + offset - before;
    before += last - first + 1;
  }
  return undefined;
}

function wanted(condition, everything) {
  if (condition.kind === "in") return unite(condition.list.map((item) => [number(item), number(item)]));
  if (condition.kind !== "binary") throw new Error(`the generated table knows no condition ${condition.kind}`);
  const { op, left, right } = condition;
  if (op === "and") return intersect(wanted(left, everything), wanted(right, everything));
  if (op === "or") return unite([...wanted(left, everything), ...wanted(right, everything)]);
  const [first, last] = everything;
  const id = number(right);
  const range = { "=": [id, id], ">": [id + 1, last], ">=": [id, last], "<": [first, id - 1], "<=": [first, id] }[op];
  if (range === undefined) throw new Error(`the generated table knows no ${op}`);
  return intersect([range], [everything]);
}

function number(expression) {
  if (expression.kind !== "number") throw new Error(`the generated table compares id with numbers, not ${expression.kind}`);
  return Number(expression.text);
}

function intersect(some, others) {
  return some
    .flatMap(([a, b]) => others.map(([c, d]) => [Math.max(a, c), Math.min(b, d)]))
    .filter(([first, last]) => first <= last);
}

function unite(ranges) {
  const united = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const previous = united.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else united.push([first, last]);
  }
  return united;
}
