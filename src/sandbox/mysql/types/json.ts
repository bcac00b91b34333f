/**
 * JSON as MySQL normalises it (manual, "Normalization, Merging, and Autowrapping of JSON Values"):
 * objects' keys sorted by length, then bytes, the last of duplicates kept; ", " and ": " between.
 * Numbers keep their text, so that 64-bit integers and decimals stay exact.
 */
export type Json = null | boolean | string | JsonNumber | Json[] | Map<string, Json>;

export class JsonNumber {
  constructor(readonly text: string) {}
}

export class JsonSyntaxError extends Error {
  constructor(
    readonly reason: string,
    readonly position: number,
  ) {
    super(reason);
  }
}

/** Throws JsonSyntaxError. */
export function parseJson(text: string): Json {
  let at = 0;
  const value = element();
  if (at < text.length) throw new JsonSyntaxError("The document root must not be followed by other values.", at);
  return value;

  function space(): void {
    while (/[ \t\n\r]/.test(text.charAt(at)) && at < text.length) at++;
  }
  function element(): Json {
    space();
    const parsed = parseValue();
    space();
    return parsed;
  }
  function parseValue(): Json {
    const char = text.charAt(at);
    if (char === "{") return object();
    if (char === "[") return array();
    if (char === '"') return string();
    const word = /(?:true|false|null)/y;
    word.lastIndex = at;
    const found = word.exec(text)?.[0];
    if (found) {
      at += found.length;
      return found === "null" ? null : found === "true";
    }
    const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
    number.lastIndex = at;
    const digits = number.exec(text)?.[0];
    if (digits === undefined) {
      throw new JsonSyntaxError(at >= text.length ? "The document is empty." : "Invalid value.", at);
    }
    at += digits.length;
    return new JsonNumber(normaliseNumber(digits));
  }
  function string(): string {
    const pattern = /"(?:[^"\\]|\\.)*"/sy;
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found === undefined) throw new JsonSyntaxError("Missing a closing quotation mark in string.", at + 1);
    let parsed: unknown;
    try {
      parsed = JSON.parse(found);
    } catch {
      throw new JsonSyntaxError("Invalid encoding in string.", at);
    }
    at += found.length;
    return String(parsed);
  }
  function array(): Json[] {
    const items: Json[] = [];
    at++;
    space();
    if (text.charAt(at) === "]") {
      at++;
      return items;
    }
    for (;;) {
      items.push(element());
      const char = text.charAt(at++);
      if (char === "]") return items;
      if (char !== ",") throw new JsonSyntaxError("Missing a comma or ']' after an array element.", at - 1);
    }
  }
  function object(): Map<string, Json> {
    const members = new Map<string, Json>();
    at++;
    space();
    if (text.charAt(at) === "}") {
      at++;
      return members;
    }
    for (;;) {
      space();
      if (text.charAt(at) !== '"') throw new JsonSyntaxError("Missing a name for object member.", at);
      const key = string();
      space();
      if (text.charAt(at++) !== ":")
        throw new JsonSyntaxError("Missing a colon after a name of object member.", at - 1);
      members.set(key, element());
      const char = text.charAt(at++);
      if (char === "}") return members;
      if (char !== ",") throw new JsonSyntaxError("Missing a comma or '}' after an object member.", at - 1);
    }
  }
}

/** Integers stay as written; everything else is a double and prints as one, with ".0" where it is whole. */
function normaliseNumber(digits: string): string {
  if (/^-?\d+$/.test(digits)) {
    const value = BigInt(digits);
    if (value >= -(1n << 63n) && value < 1n << 64n) return value.toString();
  }
  const text = String(Number(digits)).replace("e+", "e");
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

export function formatJson(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quoteJson(value);
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(formatJson).join(", ")}]`;
  const members = [...value].map(([key, member]) => ({ key, bytes: Buffer.from(key), member }));
  members.sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes));
  return `{${members.map(({ key, member }) => `${quoteJson(key)}: ${formatJson(member)}`).join(", ")}}`;
}

export function quoteJson(text: string): string {
  return JSON.stringify(text);
}

export function normaliseJson(text: string): string {
  return formatJson(parseJson(text));
}
