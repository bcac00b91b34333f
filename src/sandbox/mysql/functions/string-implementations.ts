/** What the string functions' translations call. */
import { sortKey } from "../collations.js";
import type { Engine } from "../engine.js";
import { MysqlError } from "../port.js";
import type { Stored } from "../types/datum.js";
import { Decimal } from "../types/decimal.js";

type Text = string | Uint8Array;

/** Blobs go through these functions as latin1, one character a byte. */
function overCharacters(args: readonly Stored[], fn: (units: string[], rest: string[]) => string | null): Stored {
  if (args.some((each) => each === null)) return null;
  const [first, ...rest] = args as [Text, ...Stored[]];
  const isBlob = first instanceof Uint8Array;
  const decode = (value: Stored): string =>
    value instanceof Uint8Array ? Buffer.from(value).toString(isBlob ? "latin1" : "utf8") : String(value);
  const subject = decode(first);
  const units = isBlob || isPlain(subject) ? subject.split("") : Array.from(subject);
  const result = fn(units, rest.map(decode));
  return result === null ? null : isBlob ? Buffer.from(result, "latin1") : result;
}

// Without surrogates a text's units are its characters.
function isPlain(subject: string): boolean {
  for (let i = 0; i < subject.length; i++) if (subject.charCodeAt(i) >= 0xd800) return false;
  return true;
}

export function installStrings(engine: Engine): void {
  engine.scalar("my_left", (args) =>
    overCharacters(args, (units, [count]) => units.slice(0, Math.max(Number(count), 0)).join("")),
  );
  engine.scalar("my_right", (args) =>
    overCharacters(args, (units, [count]) => (Number(count) <= 0 ? "" : units.slice(-Number(count)).join(""))),
  );
  engine.scalar("my_substring", (args) =>
    overCharacters(args, (units, [from, count]) => {
      const position = Number(from);
      if (position === 0 || -position > units.length) return "";
      const start = position > 0 ? position - 1 : units.length + position;
      return units.slice(start, count === undefined ? undefined : start + Math.max(Number(count), 0)).join("");
    }),
  );
  engine.scalar("my_substring_index", ([subject, delimiter, count]) => {
    if (subject === null || delimiter === null || count === null) return null;
    const parts = delimiter === "" ? [] : String(subject).split(String(delimiter));
    const wanted = Number(count);
    return (wanted >= 0 ? parts.slice(0, wanted) : parts.slice(wanted)).join(String(delimiter));
  });
  engine.scalar("my_char_length", ([value]) => {
    if (value === null || value === undefined) return null;
    if (value instanceof Uint8Array) return BigInt(value.length);
    const textValue = String(value);
    return BigInt(isPlain(textValue) ? textValue.length : Array.from(textValue).length);
  });
  engine.scalar("my_upper", (args) =>
    overCharacters(args, (units) => units.map((unit) => (unit === "ß" ? unit : unit.toUpperCase())).join("")),
  );
  engine.scalar("my_lower", (args) => overCharacters(args, (units) => units.join("").toLowerCase()));
  engine.scalar("my_reverse", (args) => overCharacters(args, (units) => units.reverse().join("")));
  engine.scalar("my_trim", (args) =>
    overCharacters(args, (units, [what = " ", side]) => {
      let subject = units.join("");
      if (what === "") return subject;
      if (side !== "end") while (subject.startsWith(what)) subject = subject.slice(what.length);
      if (side !== "start") while (subject.endsWith(what)) subject = subject.slice(0, -what.length);
      return subject;
    }),
  );
  engine.scalar("my_repeat", (args) =>
    overCharacters(args, (units, [count]) => units.join("").repeat(Math.max(Number(count), 0))),
  );
  const pad = (
    units: string[],
    count: string | undefined,
    fill: string | undefined,
  ): { body: string[]; padding: string } | undefined => {
    const width = Number(count);
    if (width < 0) return undefined;
    if (units.length >= width) return { body: units.slice(0, width), padding: "" };
    if (!fill) return undefined;
    const fillers = Array.from(fill);
    return {
      body: units,
      padding: Array.from({ length: width - units.length }, (_, i) => fillers[i % fillers.length]).join(""),
    };
  };
  engine.scalar("my_lpad", (args) =>
    overCharacters(args, (units, [count, fill]) => {
      const padded = pad(units, count, fill);
      return padded ? padded.padding + padded.body.join("") : null;
    }),
  );
  engine.scalar("my_rpad", (args) =>
    overCharacters(args, (units, [count, fill]) => {
      const padded = pad(units, count, fill);
      return padded ? padded.body.join("") + padded.padding : null;
    }),
  );
  engine.scalar("my_locate", ([needle, haystack, from]) => {
    if (needle === null || haystack === null || from === null) return null;
    const start = from === undefined ? 0 : Number(from) - 1;
    const subject = String(haystack).toLowerCase();
    const at = start < 0 ? -1 : subject.indexOf(String(needle).toLowerCase(), start);
    return BigInt(at < 0 ? 0 : Array.from(subject.slice(0, at)).length + 1);
  });
  engine.scalar("my_find_in_set", ([needle, set]) => {
    if (needle === null || set === null) return null;
    const members = set === "" ? [] : String(set).toLowerCase().split(",");
    return BigInt(members.indexOf(String(needle).toLowerCase()) + 1);
  });
  engine.scalar("my_field", ([needle, ...list]) => {
    if (needle === null || needle === undefined) return 0n;
    return BigInt(list.findIndex((each) => String(each).toLowerCase() === String(needle).toLowerCase()) + 1);
  });
  engine.scalar("my_elt", ([index, ...list]) => (index === null ? null : (list[Number(index) - 1] ?? null)));
  engine.scalar("my_ascii", ([value]) => (value instanceof Uint8Array ? BigInt(value[0] ?? 0) : null));
  engine.scalar("my_ord", ([value]) => {
    if (value === null) return null;
    const bytes = Buffer.from(Array.from(String(value))[0] ?? "");
    return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString("hex")}`);
  });
  engine.scalar("my_char", (args) => {
    const bytes = args.flatMap((code) => {
      if (code === null) return [];
      const hex = (BigInt(code as bigint) & 0xffffffffn).toString(16);
      return [Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex")];
    });
    return Buffer.concat(bytes);
  });
  engine.scalar("my_quote", ([value]) => {
    if (value === null) return "NULL";
    return `'${String(value).replace(/[\\']/g, "\\$&").replaceAll("\0", "\\0").replaceAll("\x1a", "\\Z")}'`;
  });
  engine.scalar("my_hex", ([value]) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("hex").toUpperCase() : null,
  );
  engine.scalar("my_hex_number", ([value]) => {
    const whole = value === null ? undefined : Decimal.parse(String(value))?.toBigInt();
    if (whole === undefined) return null;
    const most = (1n << 64n) - 1n;
    return BigInt.asUintN(64, whole > most ? most : whole)
      .toString(16)
      .toUpperCase();
  });
  engine.scalar("my_unhex", ([value]) => {
    if (value === null || !/^[0-9a-fA-F]*$/.test(String(value))) return null;
    const digits = String(value);
    return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  });
  engine.scalar("my_to_base64", ([value]) => {
    if (!(value instanceof Uint8Array)) return null;
    // Lines of 76 characters, as MySQL breaks them.
    return Buffer.from(value)
      .toString("base64")
      .replace(/(.{76})(?=.)/g, "$1\n");
  });
  engine.scalar("my_from_base64", ([value]) => (value === null ? null : Buffer.from(String(value), "base64")));
  engine.scalar("my_weight_string", ([value, collation]) =>
    value === null ? null : sortKey(String(collation), String(value)),
  );
  engine.scalar("my_pad_bytes", ([value, length]) => {
    if (!(value instanceof Uint8Array)) return null;
    const padded = Buffer.alloc(Number(length));
    padded.set(value.subarray(0, padded.length));
    return padded;
  });
  engine.scalar("my_latin1", ([value]) => (value === null ? null : Buffer.from(String(value), "latin1")));
  const patterns = new Map<string, RegExp>();
  engine.scalar("my_like", ([subject, pattern, escapeChar, fold]) => {
    if (subject === null || pattern === null || subject === undefined) return null;
    const key = `${String(fold)}${String(escapeChar)}\0${String(pattern)}`;
    let regexp = patterns.get(key);
    if (!regexp) {
      regexp = likePattern(foldFor(String(pattern), fold), String(escapeChar ?? "\\"));
      if (patterns.size > 1000) patterns.clear();
      patterns.set(key, regexp);
    }
    return regexp.test(foldFor(String(subject), fold)) ? 1n : 0n;
  });
  engine.scalar("my_regexp", ([subject, pattern, fold]) => {
    if (subject === null || pattern === null) return null;
    try {
      return new RegExp(String(pattern), fold === 1n ? "iu" : "u").test(String(subject)) ? 1n : 0n;
    } catch {
      throw new MysqlError(3685, "HY000", "Illegal argument to a regular expression.");
    }
  });
}

/** Case (1) and accents (2) don't count in the collation. */
function foldFor(value: string, fold: Stored | undefined): string {
  if (fold === 0n) return value;
  const folded = value.toLowerCase();
  return fold === 2n ? folded.normalize("NFD").replace(/\p{M}/gu, "") : folded;
}

function likePattern(pattern: string, escapeChar: string): RegExp {
  let source = "";
  const chars = Array.from(pattern);
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? "";
    if (escapeChar !== "" && char === escapeChar && i + 1 < chars.length) source += quoteRegExp(chars[++i] ?? "");
    else if (char === "%") source += "[\\s\\S]*";
    else source += char === "_" ? "[\\s\\S]" : quoteRegExp(char);
  }
  return new RegExp(`^${source}$`, "u");
}

function quoteRegExp(char: string): string {
  return char.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
