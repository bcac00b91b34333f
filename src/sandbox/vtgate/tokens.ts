import { syntaxError } from "./errors.js";

/** One lexical element of a statement; `start` and `end` are offsets into its text. */
export interface Token {
  kind: "word" | "quoted" | "string" | "number" | "variable" | "placeholder" | "symbol";
  /** Quotes removed, escapes undone; words as they were typed. */
  value: string;
  start: number;
  end: number;
}

const spacePattern = /\s+|#[^\n]*|--(?=[\s]|$)[^\n]*|\/\*(?!!)[\s\S]*?\*\//y;
/** What MySQL runs of a versioned comment, "/*!40101 SET ... *\/", is its inside; the marks count as space. */
const versionedCommentMarks = /\/\*!\d*|\*\//y;

const patterns: [Token["kind"], RegExp][] = [
  ["number", /(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w$])/iy],
  ["variable", /@@?(?:(?:global|session|local)\s*\.\s*)?(?:[\w$.]+|`[^`]*`)/iy],
  ["word", /[\w$\u0080-\uffff]+/y],
  ["quoted", /`(?:[^`]|``)*`/y],
  ["string", /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"/y],
  ["placeholder", /\?/y],
  ["symbol", /:=|<=>|<=|>=|<>|!=|\|\||&&|->>?|[^\s]/y],
];

/** MySQL's lexical grammar, as far as a router needs it. Throws a syntax error for an open quote. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const space = match(spacePattern, sql, at) ?? match(versionedCommentMarks, sql, at);
    if (space !== undefined) {
      at += space.length;
      continue;
    }
    const token = nextToken(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

function nextToken(sql: string, start: number): Token {
  for (const [kind, pattern] of patterns) {
    const text = match(pattern, sql, start);
    if (text === undefined) continue;
    if (kind === "symbol" && "'\"`".includes(text)) break;
    return { kind, value: unquote(kind, text), start, end: start + text.length };
  }
  throw syntaxError(`syntax error at position ${start + 1} near '${sql.slice(start, start + 40)}'`);
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

const escapes: Record<string, string> = { 0: "\0", b: "\b", n: "\n", r: "\r", t: "\t", Z: "\x1a" };

function unquote(kind: Token["kind"], text: string): string {
  if (kind === "quoted") return text.slice(1, -1).replaceAll("``", "`");
  if (kind !== "string") return text;
  const quote = text.charAt(0);
  return text
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .replace(/\\([\s\S])/g, (_, char: string) => escapes[char] ?? char);
}

/** Replaces stretches of `sql`; they must not overlap. */
export function splice(sql: string, edits: { start: number; end: number; text: string }[]): string {
  let out = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    out += sql.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + sql.slice(at);
}
