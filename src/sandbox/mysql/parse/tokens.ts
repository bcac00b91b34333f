/**
 * MySQL's lexical rules (MySQL 8.4 manual, "Language Structure"): comments, version comments, quoted
 * names, string escapes, and numbers, each with its place in the text so that errors and column names
 * can quote it.
 */
import { errors } from "../errors.js";

export type TokenKind =
  | "word"
  | "name"
  | "string"
  | "number"
  | "hex"
  | "bits"
  | "variable"
  | "parameter"
  | "symbol"
  | "end";

export interface Token {
  kind: TokenKind;
  /** Words upper-cased; names and strings decoded; numbers, hex digits, bits and symbols as written. */
  text: string;
  start: number;
  end: number;
}

/** What a version comment's number is compared with: comments up to this version are read as code. */
const VERSION_NUMBER = 90700;

const WORD = /[A-Za-z0-9_$\u0080-\uffff]+/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const HEX_LITERAL = /0x([0-9a-fA-F]+)(?![A-Za-z0-9_$])/y;
const BIT_LITERAL = /0b([01]+)(?![A-Za-z0-9_$])/y;
const QUOTED_HEX = /[xX]'((?:[0-9a-fA-F]{2})*)'/y;
const QUOTED_BITS = /[bB]'([01]*)'/y;
const VARIABLE = /@@?(?:(?:[A-Za-z]+\.)?[A-Za-z0-9_.$]+|`(?:[^`]|``)*`)?/y;
const PARAMETER = /:[A-Za-z_][A-Za-z0-9_]*/y;
const SPACE = /\s+/y;
const SYMBOLS = ["<=>", "->>", "||", "&&", "<<", ">>", "<=", ">=", "<>", "!=", ":=", "->"];
const ESCAPES: Record<string, string> = { "0": "\0", b: "\b", n: "\n", r: "\r", t: "\t", Z: "\x1a" };

/** Throws MysqlError 1064 where a quote or comment isn't closed. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let inVersionComment = false;

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(sql);
  };
  const push = (kind: TokenKind, text: string, length: number): void => {
    tokens.push({ kind, text, start: at, end: at + length });
    at += length;
  };

  while (at < sql.length) {
    const space = match(SPACE);
    if (space) {
      at += space[0].length;
      continue;
    }
    const char = sql.charAt(at);
    const next = sql.charAt(at + 1);
    if (char === "#" || (char === "-" && next === "-" && /\s|^$/.test(sql.charAt(at + 2)))) {
      const newline = sql.indexOf("\n", at);
      at = newline < 0 ? sql.length : newline + 1;
    } else if (char === "/" && next === "*") {
      const version = /^\/\*!(\d{5,6})?/.exec(sql.slice(at, at + 9));
      if (version && Number(version[1] ?? 0) <= VERSION_NUMBER) {
        inVersionComment = true;
        at += version[0].length;
        continue;
      }
      const close = sql.indexOf("*/", at + 2);
      if (close < 0) throw syntaxErrorAt(sql, at);
      at = close + 2;
    } else if (inVersionComment && char === "*" && next === "/") {
      inVersionComment = false;
      at += 2;
    } else if (char === "`") {
      const end = closingQuote(sql, at, false);
      push("name", sql.slice(at + 1, end).replaceAll("``", "`"), end + 1 - at);
    } else if (char === "'" || char === '"') {
      at = pushString(sql, at, tokens);
    } else if ((char === "n" || char === "N") && next === "'") {
      at = pushString(sql, at + 1, tokens);
    } else {
      const hex = match(QUOTED_HEX) ?? match(HEX_LITERAL);
      const bits = hex ? null : (match(QUOTED_BITS) ?? match(BIT_LITERAL));
      const previous = tokens.at(-1);
      // "t.1a" and "a.5" are names behind a dot, not numbers.
      const afterDot = previous?.text === "." && previous.end === at;
      const word = match(WORD);
      const number = afterDot ? null : match(NUMBER);
      if (hex) push("hex", hex[1] ?? "", hex[0].length);
      else if (bits) push("bits", bits[1] ?? "", bits[0].length);
      else if (number && (!word || number[0].length >= word[0].length)) push("number", number[0], number[0].length);
      else if (word) push(afterDot ? "name" : "word", afterDot ? word[0] : word[0].toUpperCase(), word[0].length);
      else if (char === "@") pushVariable(match(VARIABLE)?.[0] ?? "@");
      else if (match(PARAMETER)) push("parameter", sql.slice(at + 1, PARAMETER.lastIndex), PARAMETER.lastIndex - at);
      else {
        const symbol = SYMBOLS.find((candidate) => sql.startsWith(candidate, at)) ?? char;
        push("symbol", symbol, symbol.length);
      }
    }
  }
  if (inVersionComment) throw syntaxErrorAt(sql, sql.length);
  tokens.push({ kind: "end", text: "", start: sql.length, end: sql.length });
  return tokens;

  function pushVariable(text: string): void {
    const quoted = /^@`(.*)`$/s.exec(text);
    tokens.push({
      kind: "variable",
      text: quoted ? `@${quoted[1]?.replaceAll("``", "`")}` : text,
      start: at,
      end: at + text.length,
    });
    at += text.length;
  }
}

function closingQuote(sql: string, open: number, escapes: boolean): number {
  const quote = sql.charAt(open);
  for (let at = open + 1; at < sql.length; at++) {
    const char = sql.charAt(at);
    if (escapes && char === "\\") at++;
    else if (char === quote) {
      if (sql.charAt(at + 1) !== quote) return at;
      at++;
    }
  }
  throw syntaxErrorAt(sql, open);
}

function pushString(sql: string, open: number, tokens: Token[]): number {
  const quote = sql.charAt(open);
  const end = closingQuote(sql, open, true);
  const raw = sql.slice(open + 1, end);
  tokens.push({ kind: "string", text: decodeEscapes(raw, quote), start: open, end: end + 1 });
  return end + 1;
}

/** `\%` and `\_` keep their backslash: LIKE reads them (MySQL manual, "String Literals"). */
function decodeEscapes(raw: string, quote: string): string {
  if (!raw.includes("\\") && !raw.includes(quote)) return raw;
  return raw.replace(/\\([\s\S])|''|""/g, (found, escaped: string | undefined) => {
    if (escaped === undefined) return found.charAt(0) === quote ? quote : found;
    if (escaped === "%" || escaped === "_") return found;
    return ESCAPES[escaped] ?? escaped;
  });
}

export function syntaxErrorAt(sql: string, offset: number): Error {
  const line = sql.slice(0, offset).split("\n").length;
  return errors.syntax(sql.slice(offset), line);
}
