/**
 * JSON with positions: every value and every key knows where it stands in the text, which JSON.parse
 * doesn't tell. Strict RFC 8259; a byte order mark in front is skipped.
 */
export type JsonNode = JsonObject | JsonArray | JsonScalar;

interface Located {
  /** Offset of the first character. */
  at: number;
  /** The text as it stands. */
  raw: string;
}

export interface JsonObject extends Located {
  kind: "object";
  members: JsonMember[];
}

export interface JsonMember {
  key: string;
  at: number;
  /** The key with its quotes. */
  raw: string;
  value: JsonNode;
}

export interface JsonArray extends Located {
  kind: "array";
  items: JsonNode[];
}

export interface JsonScalar extends Located {
  kind: "string" | "number" | "boolean" | "null";
  value: string | number | boolean | null;
}

/** A text that is no JSON; worded as protobuf-go does (internal/encoding/json/decode.go). */
export class JsonSyntaxError extends Error {
  constructor(
    readonly at: number,
    problem: string,
  ) {
    super(problem);
    this.name = "JsonSyntaxError";
  }
}

/** "3:14": line and column, both from 1, columns counted in characters. */
export function positionOf(text: string, at: number): string {
  const before = text.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  const skipped = lineStart === 0 && text.startsWith("\ufeff") ? 1 : 0;
  return `${line}:${[...before.slice(lineStart + skipped)].length + 1}`;
}

/** Throws JsonSyntaxError. */
export function parseJsonText(text: string): JsonNode {
  return new Reader(text).document();
}

/** Deeper nesting is no VSchema, and would exhaust the stack. */
const maxDepth = 100;

class Reader {
  private at: number;

  constructor(private readonly text: string) {
    this.at = text.startsWith("\ufeff") ? 1 : 0;
  }

  document(): JsonNode {
    this.skipBlanks();
    // Only behind a beginning is the end called EOF.
    if (this.at === this.text.length) throw new JsonSyntaxError(this.at, "unexpected token ");
    const node = this.value(0);
    this.skipBlanks();
    if (this.at < this.text.length) throw this.unexpected();
    return node;
  }

  private value(depth: number): JsonNode {
    this.skipBlanks();
    const start = this.at;
    switch (this.text[start]) {
      case undefined:
        throw new JsonSyntaxError(start, "unexpected EOF");
      case "{":
        if (depth >= maxDepth) throw new JsonSyntaxError(start, "exceeded max recursion depth");
        return this.object(depth + 1);
      case "[":
        if (depth >= maxDepth) throw new JsonSyntaxError(start, "exceeded max recursion depth");
        return this.array(depth + 1);
      case '"':
        return { kind: "string", value: this.string(), at: start, raw: this.text.slice(start, this.at) };
      default:
        return this.literal();
    }
  }

  private object(depth: number): JsonObject {
    const start = this.at++;
    const members: JsonMember[] = [];
    this.skipBlanks();
    while (this.text[this.at] !== "}") {
      if (members.length > 0) this.expect(",");
      this.skipBlanks();
      const at = this.at;
      if (this.text[at] !== '"') throw this.unexpected();
      const key = this.string();
      const raw = this.text.slice(at, this.at);
      this.skipBlanks();
      if (this.text[this.at] !== ":" && this.at < this.text.length) {
        throw new JsonSyntaxError(this.at, `unexpected character ${this.text[this.at]}, missing ":" after field name`);
      }
      this.expect(":");
      members.push({ key, at, raw, value: this.value(depth) });
      this.skipBlanks();
    }
    this.at++;
    return { kind: "object", members, at: start, raw: "{" };
  }

  private array(depth: number): JsonArray {
    const start = this.at++;
    const items: JsonNode[] = [];
    this.skipBlanks();
    while (this.text[this.at] !== "]") {
      if (items.length > 0) this.expect(",");
      items.push(this.value(depth));
      this.skipBlanks();
    }
    this.at++;
    return { kind: "array", items, at: start, raw: "[" };
  }

  private string(): string {
    const start = this.at;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON strings hold no bare control characters
    const match = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
    match.lastIndex = start;
    const found = match.exec(this.text)?.[0];
    if (found === undefined) throw this.badString(start);
    this.at += found.length;
    return JSON.parse(found) as string;
  }

  private literal(): JsonScalar {
    const start = this.at;
    const word = /[-+._a-zA-Z0-9]+/y;
    word.lastIndex = start;
    const raw = word.exec(this.text)?.[0] ?? "";
    const located = { at: start, raw };
    this.at += raw.length;
    if (raw === "true" || raw === "false") return { kind: "boolean", value: raw === "true", ...located };
    if (raw === "null") return { kind: "null", value: null, ...located };
    if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(raw)) return { kind: "number", value: Number(raw), ...located };
    this.at = start;
    throw this.unexpected();
  }

  private expect(char: string): void {
    this.skipBlanks();
    if (this.text[this.at] !== char) throw this.unexpected();
    this.at++;
  }

  private badString(start: number): JsonSyntaxError {
    const rest = this.text.slice(start + 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: see string()
    const body = /^(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/.exec(rest)?.[0] ?? "";
    const at = start + 1 + body.length;
    if (at >= this.text.length) return new JsonSyntaxError(at, "unexpected EOF");
    if (this.text[at] === "\\") return new JsonSyntaxError(at, `invalid escape code ${this.text.slice(at, at + 2)}`);
    return new JsonSyntaxError(at, `invalid character ${JSON.stringify(this.text[at])} in string`);
  }

  private unexpected(): JsonSyntaxError {
    const rest = this.text.slice(this.at);
    if (rest === "") return new JsonSyntaxError(this.at, "unexpected EOF");
    const word = /^(?:[-+._a-zA-Z0-9]{1,32}|.)/su.exec(rest)?.[0] ?? "";
    const structural = /^[{}[\],:"]/.test(word) || /^(true|false|null|-?\d+)$/.test(word);
    return new JsonSyntaxError(this.at, `${structural ? "unexpected token" : "invalid value"} ${word}`);
  }

  private skipBlanks(): void {
    while (/[ \t\r\n]/.test(this.text[this.at] ?? "")) this.at++;
  }
}
