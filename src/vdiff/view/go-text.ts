/** Text as Go's fmt and encoding/json print it: VDiff's reports are compared with vtctlclient's byte by byte. */

interface Rune {
  /** undefined: the byte at this place is not part of valid UTF-8. */
  char: string | undefined;
  bytes: Buffer;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function runes(bytes: Buffer): Rune[] {
  const found: Rune[] = [];
  for (let at = 0; at < bytes.length; ) {
    const rune = runeAt(bytes, at);
    found.push(rune);
    at += rune.bytes.length;
  }
  return found;
}

function runeAt(bytes: Buffer, at: number): Rune {
  const lead = bytes[at] ?? 0;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const slice = bytes.subarray(at, at + length);
  try {
    return { char: utf8.decode(slice), bytes: slice };
  } catch {
    return { char: undefined, bytes: bytes.subarray(at, at + 1) };
  }
}

const QUOTE_ESCAPES: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** fmt's %q of a byte string (strconv.Quote): double quotes, escapes for what doesn't print. */
export function goQuote(bytes: Buffer): string {
  return `"${runes(bytes).map(quoteRune).join("")}"`;
}

function quoteRune({ char, bytes }: Rune): string {
  if (char === undefined) return `\\x${hex(bytes[0] ?? 0, 2)}`;
  const escaped = QUOTE_ESCAPES[char];
  if (escaped !== undefined) return escaped;
  if (char === " " || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${hex(code, 2)}`;
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
}

const JSON_ESCAPES: Record<string, string> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** encoding/json's string: also escapes <, >, &, U+2028 and U+2029; bytes that aren't UTF-8 become U+FFFD. */
export function goJsonString(bytes: Buffer): string {
  return `"${runes(bytes).map(jsonRune).join("")}"`;
}

function jsonRune({ char }: Rune): string {
  if (char === undefined) return "\\ufffd";
  const escaped = JSON_ESCAPES[char];
  if (escaped !== undefined) return escaped;
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20 || "<>&\u2028\u2029".includes(char)) return `\\u${hex(code, 4)}`;
  return char;
}

function hex(code: number, width: number): string {
  return code.toString(16).padStart(width, "0");
}
