/**
 * Expressions, by precedence climbing over MySQL's table (manual, "Operator Precedence"): OR and ||,
 * XOR, AND, NOT, BETWEEN/CASE, comparisons, |, &, shifts, + -, * / DIV %, ^, unary - ~, !, COLLATE.
 */
import type { BinaryOperator, Expr } from "./ast.js";
import { callExpression } from "./call.js";
import type { Cursor } from "./cursor.js";
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

function primary(cursor: Cursor): Expr {
  const token = cursor.current;
  const { start } = token;
  switch (token.kind) {
    case "string":
      return stringLiteral(cursor, undefined);
    case "number":
      cursor.next();
      return { kind: "number", text: token.text, start, end: token.end };
    case "hex":
      cursor.next();
      return { kind: "hex", digits: token.text, start, end: token.end };
    case "bits":
      cursor.next();
      return { kind: "bits", bits: token.text, start, end: token.end };
    case "variable":
      cursor.next();
      return variable(token.text, start, token.end);
    case "symbol":
      return token.text === "(" ? parentheses(cursor) : cursor.fail();
    case "name":
      return columnOrCall(cursor);
    case "word":
      return word(cursor);
    default:
      return cursor.fail();
  }
}

/** Adjacent strings are one string; the first one's introducer counts. */
function stringLiteral(cursor: Cursor, charset: string | undefined): Expr {
  const { start } = cursor.current;
  let value = cursor.string();
  while (cursor.current.kind === "string") value += cursor.next().text;
  return { kind: "string", value, ...(charset && { charset }), start, end: cursor.previousEnd };
}

function variable(text: string, start: number, end: number): Expr {
  if (!text.startsWith("@@")) return { kind: "variable", scope: "user", name: text.slice(1).toLowerCase(), start, end };
  const scoped = /^@@(session|global|local)\.(.+)$/i.exec(text);
  const name = (scoped?.[2] ?? text.slice(2)).toLowerCase();
  const scope = scoped ? (scoped[1]?.toLowerCase() === "global" ? "global" : "session") : "system";
  return { kind: "variable", scope, name, start, end };
}

function parentheses(cursor: Cursor): Expr {
  const { start } = cursor.current;
  if (isQueryStart(cursor)) {
    cursor.expectSymbol("(");
    const query = parseQuery(cursor);
    cursor.expectSymbol(")");
    return { kind: "subquery", query, start, end: cursor.previousEnd };
  }
  const items = cursor.parenthesised(() => parseExpression(cursor));
  const [only] = items;
  if (items.length === 1 && only) return { ...only, start, end: cursor.previousEnd };
  return { kind: "row", items, start, end: cursor.previousEnd };
}

function word(cursor: Cursor): Expr {
  const token = cursor.current;
  const { start } = token;
  const behind = cursor.peek(1);
  if (/^_[A-Z]/.test(token.text) && ["string", "hex", "bits"].includes(behind.kind)) {
    cursor.next();
    const charset = token.text.slice(1).toLowerCase();
    const literal = behind.kind === "string" ? stringLiteral(cursor, charset) : primary(cursor);
    return { ...literal, start };
  }
  switch (token.text) {
    case "NULL":
      cursor.next();
      return { kind: "null", start, end: token.end };
    case "TRUE":
    case "FALSE":
      cursor.next();
      return { kind: "bool", value: token.text === "TRUE", start, end: token.end };
    case "DATE":
    case "TIME":
    case "TIMESTAMP":
      if (behind.kind !== "string") return columnOrCall(cursor);
      cursor.next();
      return {
        kind: "temporal",
        type: token.text === "TIMESTAMP" ? "datetime" : token.text === "DATE" ? "date" : "time",
        value: cursor.string(),
        start,
        end: cursor.previousEnd,
      };
    case "EXISTS": {
      cursor.next();
      cursor.expectSymbol("(");
      const query = parseQuery(cursor);
      cursor.expectSymbol(")");
      return { kind: "exists", query, start, end: cursor.previousEnd };
    }
    case "DEFAULT":
      cursor.next();
      if (!cursor.acceptSymbol("(")) return { kind: "default", start, end: token.end };
      {
        const column = cursor.identifier();
        cursor.expectSymbol(")");
        return { kind: "default", column, start, end: cursor.previousEnd };
      }
    case "CASE":
      return caseExpression(cursor);
    case "INTERVAL":
      cursor.next();
      return interval(cursor, start);
    case "ROW":
      if (behind.text !== "(") return cursor.fail();
      cursor.next();
      return {
        kind: "row",
        items: cursor.parenthesised(() => parseExpression(cursor)),
        start,
        end: cursor.previousEnd,
      };
    default:
      return columnOrCall(cursor);
  }
}

function interval(cursor: Cursor, start: number): Expr {
  const value = parseExpression(cursor);
  const unit = cursor.current.kind === "word" ? cursor.next().text.toLowerCase() : cursor.fail();
  return { kind: "interval", value, unit, start, end: cursor.previousEnd };
}

function caseExpression(cursor: Cursor): Expr {
  const { start } = cursor.next();
  const operand = cursor.isWord("WHEN") ? undefined : parseExpression(cursor);
  const whens: { when: Expr; result: Expr }[] = [];
  while (cursor.acceptWord("WHEN")) {
    const when = parseExpression(cursor);
    cursor.expectWord("THEN");
    whens.push({ when, result: parseExpression(cursor) });
  }
  const otherwise = cursor.acceptWord("ELSE") ? parseExpression(cursor) : undefined;
  if (whens.length === 0) cursor.fail();
  cursor.expectWord("END");
  return {
    kind: "case",
    ...(operand && { operand }),
    whens,
    ...(otherwise && { otherwise }),
    start,
    end: cursor.previousEnd,
  };
}

function columnOrCall(cursor: Cursor): Expr {
  const token = cursor.current;
  const call = callExpression(cursor, parseExpression);
  if (call) return call;
  const parts = [cursor.identifier()];
  while (parts.length < 3 && cursor.isSymbol(".") && cursor.peek(1).text !== "*") {
    cursor.next();
    parts.push(cursor.identifierAfterDot());
  }
  const name = parts.pop() ?? "";
  const table = parts.pop();
  const database = parts.pop();
  return {
    kind: "column",
    ...(database !== undefined && { database }),
    ...(table !== undefined && { table }),
    name,
    start: token.start,
    end: cursor.previousEnd,
  };
}
