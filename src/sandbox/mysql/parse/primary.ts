/** Operands: literals, names, calls, parentheses, CASE. */
import type { Expr } from "./ast.js";
import { callExpression } from "./call.js";
import type { Cursor } from "./cursor.js";
import { isQueryStart, parseExpression } from "./expression.js";
import { parseQuery } from "./query.js";

export function primary(cursor: Cursor): Expr {
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

/** A hexadecimal literal is text where its introducer says so. */
function textOf(literal: Expr, charset: string): Expr {
  if (literal.kind !== "hex" || !charset.startsWith("utf8")) return literal;
  const { digits, start, end } = literal;
  return { kind: "string", value: Buffer.from(digits, "hex").toString("utf8"), charset, start, end };
}

function word(cursor: Cursor): Expr {
  const token = cursor.current;
  const { start } = token;
  const behind = cursor.peek(1);
  if (/^_[A-Z]/.test(token.text) && ["string", "hex", "bits"].includes(behind.kind)) {
    cursor.next();
    const charset = token.text.slice(1).toLowerCase();
    const literal = behind.kind === "string" ? stringLiteral(cursor, charset) : primary(cursor);
    return { ...textOf(literal, charset), start };
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
