/**
 * MySQL's lexical rules (MySQL 8.4 manual, "Language Structure"): comments, version comments, quoted
 * names, string escapes, and numbers, each with its place in the text so that errors and column names
 * can quote it.
 */
import { errors } from "../errors.js";
import { MysqlError } from "../port.js";

type TokenKind = "word" | "name" | "string" | "number" | "hex" | "bits" | "variable" | "symbol" | "end";

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
const SYMBOLS = ["<=>", "->>", "||", "&&", "<<", ">>", "<=", ">=", "<>", "!=", ":=", "->"];
const ESCAPES: Record<string, string> = { "0": "\0", b: "\b", n: "\n", r: "\r", t: "\t", Z: "\x1a" };

/** Throws MysqlError 1064 where a quote or comment isn't closed. */
export function tokenize(sql: string): Token[] {
  return new Tokenizer(sql).run();
}

class Tokenizer {
  private readonly tokens: Token[] = [];
  private at = 0;
  private inVersionComment = false;

  constructor(private readonly sql: string) {}

  run(): Token[] {
    const { sql } = this;
    while (this.at < sql.length) this.next(sql.charCodeAt(this.at));
    if (this.inVersionComment) throw new SqlSyntaxError(sql, sql.length);
    this.tokens.push({ kind: "end", text: "", start: sql.length, end: sql.length });
    return this.tokens;
  }

  /** Takes one token, one comment or one run of spaces. Bulk inserts are long: the frequent cases come first. */
  private next(code: number): void {
    const char = this.sql.charAt(this.at);
    if (code === 0x20 || (code >= 9 && code <= 13)) this.at++;
    else if (char === "'" || char === '"') this.string();
    else if (char === "," || char === "(" || char === ")") this.push("symbol", char, 1);
    else if (code >= 0x30 && code <= 0x39) this.digits();
    else if (char === "`") this.quotedName();
    else if (isWordCode(code)) this.word(char);
    else if (char === "#" || (char === "-" && /^--(?:\s|$)/.test(this.sql.slice(this.at, this.at + 3))))
      this.lineComment();
    else if (char === "/" && this.sql.charAt(this.at + 1) === "*") this.blockComment();
    else if (this.inVersionComment && this.sql.startsWith("*/", this.at)) {
      this.inVersionComment = false;
      this.at += 2;
    } else if (char === "@") this.variable();
    else if (char === "." && isDigit(this.sql.charCodeAt(this.at + 1)) && !this.isBehindName()) this.number();
    else this.symbol(char);
  }

  private push(kind: TokenKind, text: string, length: number): void {
    this.tokens.push({ kind, text, start: this.at, end: this.at + length });
    this.at += length;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    return pattern.exec(this.sql);
  }

  private string(): void {
    const end = this.closingQuote(true);
    const raw = this.sql.slice(this.at + 1, end);
    this.push("string", decodeEscapes(raw, this.sql.charAt(this.at)), end + 1 - this.at);
  }

  private quotedName(): void {
    const end = this.closingQuote(false);
    this.push("name", this.sql.slice(this.at + 1, end).replaceAll("``", "`"), end + 1 - this.at);
  }

  /** Where the next backslash stands; searched for again only once it is passed. */
  private backslash = -1;

  private backslashFrom(at: number): number {
    if (this.backslash < at) {
      const found = this.sql.indexOf("\\", at);
      this.backslash = found < 0 ? this.sql.length : found;
    }
    return this.backslash;
  }

  /** Where the quote that opens here is closed. */
  private closingQuote(escapes: boolean): number {
    const { sql } = this;
    const quote = sql.charAt(this.at);
    for (let at = this.at + 1; ; at += 2) {
      const close = sql.indexOf(quote, at);
      if (close < 0) throw new SqlSyntaxError(sql, this.at);
      const backslash = escapes ? this.backslashFrom(at) : sql.length;
      if (backslash < close) at = backslash;
      else if (sql.charAt(close + 1) !== quote) return close;
      else at = close;
    }
  }

  /** "t.1a": behind a dot digits begin a name. */
  private isBehindDot(): boolean {
    const previous = this.tokens[this.tokens.length - 1];
    return previous?.text === "." && previous.kind === "symbol" && previous.end === this.at;
  }

  /** "t.5" is a column named 5. */
  private isBehindName(): boolean {
    const previous = this.tokens[this.tokens.length - 1];
    return previous?.end === this.at && (previous.kind === "name" || previous.kind === "word");
  }

  private digits(): void {
    const literal = this.sql.charAt(this.at) === "0" ? (this.match(HEX_LITERAL) ?? this.match(BIT_LITERAL)) : null;
    if (literal) {
      this.push(literal[0].charAt(1) === "x" ? "hex" : "bits", literal[1] ?? "", literal[0].length);
      return;
    }
    this.number();
  }

  /** A number, unless letters follow it: then it is a word ("1a"). */
  private number(): void {
    const number = this.isBehindDot() ? "" : (this.match(NUMBER)?.[0] ?? "");
    const after = this.sql.charCodeAt(this.at + number.length);
    if (number !== "" && !isWordCode(after)) this.push("number", number, number.length);
    else this.word(this.sql.charAt(this.at));
  }

  private word(first: string): void {
    if (this.sql.charAt(this.at + 1) === "'" && /[xXbBnN]/.test(first)) {
      const hex = this.match(QUOTED_HEX);
      const bits = hex ? null : this.match(QUOTED_BITS);
      if (hex) {
        this.push("hex", hex[1] ?? "", hex[0].length);
        return;
      }
      if (bits) {
        this.push("bits", bits[1] ?? "", bits[0].length);
        return;
      }
      if (/[nN]/.test(first)) {
        this.at++;
        this.string();
        return;
      }
    }
    const word = this.match(WORD)?.[0] ?? first;
    if (this.isBehindDot()) this.push("name", word, word.length);
    else this.push("word", word.toUpperCase(), word.length);
  }

  private lineComment(): void {
    const newline = this.sql.indexOf("\n", this.at);
    this.at = newline < 0 ? this.sql.length : newline + 1;
  }

  private blockComment(): void {
    const version = /^\/\*!(\d{5,6})?/.exec(this.sql.slice(this.at, this.at + 9));
    if (version && Number(version[1] ?? 0) <= VERSION_NUMBER) {
      this.inVersionComment = true;
      this.at += version[0].length;
      return;
    }
    const close = this.sql.indexOf("*/", this.at + 2);
    if (close < 0) throw new SqlSyntaxError(this.sql, this.at);
    this.at = close + 2;
  }

  private variable(): void {
    const text = this.match(VARIABLE)?.[0] ?? "@";
    const quoted = /^@`(.*)`$/s.exec(text);
    this.push("variable", quoted ? `@${quoted[1]?.replaceAll("``", "`")}` : text, text.length);
  }

  private symbol(char: string): void {
    const symbol = SYMBOLS.find((candidate) => this.sql.startsWith(candidate, this.at)) ?? char;
    this.push("symbol", symbol, symbol.length);
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isWordCode(code: number): boolean {
  return (
    isDigit(code) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f ||
    code === 0x24 ||
    code >= 0x80
  );
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

/** MySQL's 1064 with the place in the text, for those who word it otherwise. */
export class SqlSyntaxError extends MysqlError {
  constructor(
    sql: string,
    readonly offset: number,
  ) {
    const { errno, sqlState, message } = errors.syntax(sql.slice(offset), sql.slice(0, offset).split("\n").length);
    super(errno, sqlState, message);
    this.name = "SqlSyntaxError";
  }
}
