/**
 * Protobuf's text format, as far as `_vt` tables hold it: the parser reads what any protobuf library
 * prints, the printer quotes strings as Go does.
 */

/** A parsed message: fields by name, in order. */
export class ProtoText {
  readonly #fields: { name: string; value: ProtoTextValue }[] = [];

  add(name: string, value: ProtoTextValue): void {
    this.#fields.push({ name, value });
  }

  /** The last string of that name, decoded as UTF-8; "" when absent. */
  text(name: string): string {
    const value = this.#values(name).at(-1);
    return Buffer.isBuffer(value) ? value.toString("utf8") : "";
  }

  /** The last bare word of that name (an enum value, a bool, a number); "" when absent. */
  word(name: string): string {
    const value = this.#values(name).at(-1);
    return typeof value === "string" ? value : "";
  }

  /** The last string of that name as bytes; undefined when absent. */
  bytes(name: string): Buffer | undefined {
    return this.#values(name)
      .filter((value) => Buffer.isBuffer(value))
      .at(-1);
  }

  /** Every bare word of that name: repeated numbers. */
  words(name: string): string[] {
    return this.#values(name).filter((value) => typeof value === "string");
  }

  messages(name: string): ProtoText[] {
    return this.#values(name).filter((value) => value instanceof ProtoText);
  }

  #values(name: string): ProtoTextValue[] {
    return this.#fields.filter((field) => field.name === name).map((field) => field.value);
  }
}

/** A string's bytes, a bare word, or a nested message. */
type ProtoTextValue = Buffer | string | ProtoText;

/** Throws SyntaxError with the offset at which the text stops making sense. */
export function parseProtoText(text: string): ProtoText {
  const reader = new Reader(text);
  return reader.message("");
}

const simpleEscapes: Record<string, string> = {
  n: "\n",
  r: "\r",
  t: "\t",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "?": "?",
};

class Reader {
  #at = 0;

  constructor(readonly text: string) {}

  /** Fields up to the closing bracket, which is eaten; "" means up to the end of the text. */
  message(close: string): ProtoText {
    const message = new ProtoText();
    for (;;) {
      this.#skipBlanks();
      if (this.#at >= this.text.length) {
        if (close === "") return message;
        this.#fail(`"${close}" is missing`);
      }
      if (close !== "" && this.#eat(close)) return message;
      const name = this.#match(/\w+/y) ?? this.#fail("a field's name is expected");
      this.#value(name, message);
      this.#skipBlanks();
      if (!this.#eat(",")) this.#eat(";");
    }
  }

  #value(name: string, message: ProtoText): void {
    const colon = this.#eat(":");
    if (this.#eat("{")) message.add(name, this.message("}"));
    else if (this.#eat("<")) message.add(name, this.message(">"));
    else if (!colon) this.#fail('":" is expected');
    else if (this.#eat("[")) this.#list(name, message);
    else message.add(name, this.#scalar());
  }

  #list(name: string, message: ProtoText): void {
    while (!this.#eat("]")) {
      if (this.#eat("{")) message.add(name, this.message("}"));
      else message.add(name, this.#scalar());
      this.#eat(",");
    }
  }

  #scalar(): Buffer | string {
    this.#skipBlanks();
    const quote = this.text[this.#at];
    if (quote !== '"' && quote !== "'") {
      return this.#match(/-?[\w.+-]+/y) ?? this.#fail("a value is expected");
    }
    const parts: Buffer[] = [];
    for (let next: string | undefined = quote; next === '"' || next === "'"; next = this.text[this.#at]) {
      parts.push(this.#string(next));
      this.#skipBlanks();
    }
    return Buffer.concat(parts);
  }

  #string(quote: string): Buffer {
    const parts: Buffer[] = [];
    this.#at++;
    for (;;) {
      const plain = this.#match(quote === '"' ? /[^"\\\n]+/y : /[^'\\\n]+/y);
      if (plain !== undefined) parts.push(Buffer.from(plain, "utf8"));
      const char = this.text[this.#at];
      if (char === quote) break;
      if (char !== "\\") this.#fail("a string has no end");
      this.#at++;
      parts.push(this.#escape());
    }
    this.#at++;
    return Buffer.concat(parts);
  }

  #escape(): Buffer {
    const hex = this.#match(/[xX][0-9a-fA-F]{1,2}/y);
    if (hex !== undefined) return Buffer.from([Number.parseInt(hex.slice(1), 16)]);
    const octal = this.#match(/[0-7]{1,3}/y);
    if (octal !== undefined) return Buffer.from([Number.parseInt(octal, 8) & 0xff]);
    const unicode = this.#match(/u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y);
    if (unicode !== undefined) return Buffer.from(String.fromCodePoint(Number.parseInt(unicode.slice(1), 16)), "utf8");
    const simple = simpleEscapes[this.text[this.#at] ?? ""];
    if (simple === undefined) this.#fail("an escape is unknown");
    this.#at++;
    return Buffer.from(simple, "utf8");
  }

  #skipBlanks(): void {
    this.#match(/(?:\s|#[^\n]*)+/y);
  }

  #eat(char: string): boolean {
    this.#skipBlanks();
    if (this.text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #fail(what: string): never {
    throw new SyntaxError(`prototext, offset ${this.#at}: ${what}`);
  }
}

const printedEscapes: Record<string, string> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * A quoted string as Go's prototext prints it: \" \\ \n \r \t, other control characters and DEL as
 * \x.., U+0080 to U+009F as \u00.., everything else as it is (google.golang.org/protobuf, text encoder).
 */
export function quoteProtoText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what gets escaped
  const body = text.replace(/["\\\x00-\x1f\x7f-\x9f]/g, (char) => {
    const code = char.charCodeAt(0);
    return printedEscapes[char] ?? (code < 0x80 ? hexEscape("\\x", code, 2) : hexEscape("\\u", code, 4));
  });
  return `"${body}"`;
}

function hexEscape(prefix: string, code: number, digits: number): string {
  return prefix + code.toString(16).padStart(digits, "0");
}
