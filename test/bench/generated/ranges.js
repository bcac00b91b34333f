// Which ids a WHERE on the column id wants: sorted ranges [first, last] that don't touch.
import { parseStatement } from "../../../dist/modules/sandbox/mysql/parse/statement.js";

/** Of a SELECT, and how the query goes on: its statement as sandbox/mysql/parse/ast.ts has it. */
export function readSelect(sql, everything) {
  const { query } = parseStatement(sql);
  return { query, ranges: query.where === undefined ? [everything] : wanted(query.where, everything) };
}

/** What a CASE makes of a statement's ranges: those of each WHEN, of what is left, and so on; another expression leaves them whole. */
export function readParts(expression, ranges, everything) {
  if (expression.kind !== "case") return [ranges];
  const parts = [];
  let left = ranges;
  for (const { when } of expression.whens) {
    const taken = wanted(when, everything);
    parts.push(intersect(left, taken));
    left = intersect(left, others(taken, everything));
  }
  return [...parts, left];
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

function others(ranges, [first, last]) {
  const ends = [[first - 1, first - 1], ...ranges, [last + 1, last + 1]];
  return ends.slice(1).map(([begin], i) => [ends[i][1] + 1, begin - 1]).filter(([a, b]) => a <= b);
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
