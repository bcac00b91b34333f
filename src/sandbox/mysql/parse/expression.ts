/**
 * Expressions, by precedence climbing over MySQL's table (manual, "Operator Precedence"): OR and ||,
 * XOR, AND, NOT, BETWEEN/CASE, comparisons, |, &, shifts, + -, * / DIV %, ^, unary - ~, !, COLLATE.
 */
import type { BinaryOperator, Expr } from "./ast.js";
import type { Cursor } from "./cursor.js";
import { primary } from "./primary.js";
import { parseQuery } from "./query.js";

const SYMBOL_LEVELS: Record<string, { level: number; op: BinaryOperator }> = {
  "||": { level: 1, op: "or" },
  "&&": { level: 3, op: "and" },
  "=": { level: 6, op: "=" },
  "<=>": { level: 6, op: "<=>" },
  "<>": { level: 6, op: "<>" },
  "!=": { level: 6, op: "<>" },
  "<": { level: 6, op: "<" },
  "<=": { level: 6, op: "<=" },
  ">": { level: 6, op: ">" },
  ">=": { level: 6, op: ">=" },
  "|": { level: 7, op: "|" },
  "&": { level: 8, op: "&" },
  "<<": { level: 9, op: "<<" },
  ">>": { level: 9, op: ">>" },
  "+": { level: 10, op: "+" },
  "-": { level: 10, op: "-" },
  "*": { level: 11, op: "*" },
  "/": { level: 11, op: "/" },
  "%": { level: 11, op: "%" },
  "^": { level: 12, op: "^" },
};
const WORD_LEVELS: Record<string, { level: number; op: BinaryOperator }> = {
  OR: { level: 1, op: "or" },
  XOR: { level: 2, op: "xor" },
  AND: { level: 3, op: "and" },
  DIV: { level: 11, op: "div" },
  MOD: { level: 11, op: "%" },
};
const NOT_LEVEL = 4;
const COMPARISON_LEVEL = 6;
const BIT_LEVEL = 7;

export function parseExpression(cursor: Cursor): Expr {
  return climb(cursor, 0);
}

/** An expression that stops before comparisons and IN. */
export function parseOperand(cursor: Cursor): Expr {
  return climb(cursor, BIT_LEVEL);
}

function climb(cursor: Cursor, minimum: number): Expr {
  const start = cursor.current.start;
  let left: Expr;
  if (minimum <= NOT_LEVEL && cursor.acceptWord("NOT")) {
    const operand = climb(cursor, NOT_LEVEL);
    left = { kind: "unary", op: "not", operand, start, end: cursor.previousEnd };
  } else left = unary(cursor);

  for (;;) {
    const token = cursor.current;
    const operator =
      token.kind === "symbol" ? SYMBOL_LEVELS[token.text] : token.kind === "word" ? WORD_LEVELS[token.text] : undefined;
    if (operator) {
      if (operator.level < minimum) return left;
      cursor.next();
      left = binary(cursor, operator.op, operator.level, left, start);
      continue;
    }
    if (minimum > COMPARISON_LEVEL) return left;
    const predicate = parsePredicate(cursor, left, start);
    if (!predicate) return left;
    left = predicate;
  }
}

function binary(cursor: Cursor, op: BinaryOperator, level: number, left: Expr, start: number): Expr {
  if (level === COMPARISON_LEVEL) {
    const quantifier =
      cursor.isWord("ANY", "SOME", "ALL") && cursor.peek(1).text === "(" ? cursor.next().text : undefined;
    if (quantifier) {
      cursor.expectSymbol("(");
      const query = parseQuery(cursor);
      cursor.expectSymbol(")");
      const kind = quantifier === "ALL" ? "all" : "any";
      return { kind: "quantified", op, operand: left, quantifier: kind, query, start, end: cursor.previousEnd };
    }
  }
  const right = climb(cursor, level + 1);
  return { kind: "binary", op, left, right, start, end: cursor.previousEnd };
}

/** IS, IN, BETWEEN, LIKE, REGEXP, with or without NOT. */
function parsePredicate(cursor: Cursor, operand: Expr, start: number): Expr | undefined {
  if (cursor.acceptWord("IS")) {
    const not = cursor.acceptWord("NOT") !== undefined;
    const word = cursor.expectWord("NULL", "TRUE", "FALSE", "UNKNOWN");
    const test = word.toLowerCase() as "null" | "true" | "false" | "unknown";
    return { kind: "is", operand, test, not, start, end: cursor.previousEnd };
  }
  const not = cursor.isWord("NOT") && ["IN", "BETWEEN", "LIKE", "REGEXP", "RLIKE"].includes(cursor.peek(1).text);
  if (not) cursor.next();
  switch (cursor.acceptWord("IN", "BETWEEN", "LIKE", "REGEXP", "RLIKE")) {
    case "IN": {
      cursor.expectSymbol("(");
      const list = isQueryStart(cursor) ? parseQuery(cursor) : cursor.list(() => parseExpression(cursor));
      cursor.expectSymbol(")");
      return { kind: "in", operand, list, not, start, end: cursor.previousEnd };
    }
    case "BETWEEN": {
      const low = climb(cursor, BIT_LEVEL);
      cursor.expectWord("AND");
      const high = climb(cursor, COMPARISON_LEVEL);
      return { kind: "between", operand, low, high, not, start, end: cursor.previousEnd };
    }
    case "LIKE": {
      const pattern = climb(cursor, BIT_LEVEL);
      const escapeExpr = cursor.acceptWord("ESCAPE") ? climb(cursor, BIT_LEVEL) : undefined;
      return {
        kind: "like",
        operand,
        pattern,
        ...(escapeExpr && { escape: escapeExpr }),
        not,
        start,
        end: cursor.previousEnd,
      };
    }
    case "REGEXP":
    case "RLIKE": {
      const pattern = climb(cursor, BIT_LEVEL);
      return { kind: "regexp", operand, pattern, not, start, end: cursor.previousEnd };
    }
    default:
      return undefined;
  }
}

export function isQueryStart(cursor: Cursor): boolean {
  let ahead = 0;
  while (cursor.peek(ahead).text === "(" && cursor.peek(ahead).kind === "symbol") ahead++;
  const token = cursor.peek(ahead);
  return token.kind === "word" && (token.text === "SELECT" || (token.text === "WITH" && ahead === 0));
}

function unary(cursor: Cursor): Expr {
  const start = cursor.current.start;
  if (cursor.acceptSymbol("-")) {
    const operand = unary(cursor);
    return { kind: "unary", op: "-", operand, start, end: cursor.previousEnd };
  }
  if (cursor.acceptSymbol("+")) return unary(cursor);
  if (cursor.acceptSymbol("~")) {
    const operand = unary(cursor);
    return { kind: "unary", op: "~", operand, start, end: cursor.previousEnd };
  }
  if (cursor.acceptSymbol("!")) {
    const operand = unary(cursor);
    return { kind: "unary", op: "not", operand, start, end: cursor.previousEnd };
  }
  if (cursor.acceptWord("BINARY")) {
    const operand = unary(cursor);
    return { kind: "unary", op: "binary", operand, start, end: cursor.previousEnd };
  }
  let operand = primary(cursor);
  for (;;) {
    if (cursor.acceptWord("COLLATE")) {
      operand = { kind: "collate", operand, collation: cursor.nameOrString(), start, end: cursor.previousEnd };
    } else if (cursor.isSymbol("->") || cursor.isSymbol("->>")) {
      const op = cursor.next().text as "->" | "->>";
      const right = primary(cursor);
      operand = { kind: "binary", op, left: operand, right, start, end: cursor.previousEnd };
    } else return operand;
  }
}
