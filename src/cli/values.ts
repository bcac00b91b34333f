import { UsageError } from "../errors.js";
import type { OptionSpec } from "./command.js";
import { parseGoDuration } from "./duration.js";
import type { Flag } from "./flag-table.js";

/**
 * Turns the text of one occurrence into the option's value. `earlier` is what earlier occurrences gave
 * (undefined at the first): lists grow, everything else is replaced.
 * UsageError in pflag's words: `invalid argument "v" for "--x" flag: ...`.
 */
export function parseValue(flag: Flag, text: string, earlier: unknown): unknown {
  try {
    return parsers[flag.spec.kind](text, earlier);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`invalid argument ${JSON.stringify(text)} for "--${flag.spelling}" flag: ${error.message}`, {
      hint: hints[flag.spec.kind]?.replaceAll("%", flag.spelling),
    });
  }
}

const parsers: Record<OptionSpec<unknown>["kind"], (text: string, earlier: unknown) => unknown> = {
  flag: parseBool,
  text: (text) => text,
  integer: parseInteger,
  duration: parseDuration,
  list: (text, earlier) => [...(Array.isArray(earlier) ? earlier : []), ...parseList(text)],
};

const hints: Partial<Record<OptionSpec<unknown>["kind"], string>> = {
  flag: "Write -% or -%=false.",
  integer: "A whole number is needed: -%=10.",
  duration: "A number and its unit are needed: -%=30s, -%=1m30s.",
};

/** Go's strconv.ParseBool. */
function parseBool(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new SyntaxError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

/** Go would take "-3s", and everything would be late at once. */
function parseDuration(text: string): number {
  const ms = parseGoDuration(text);
  if (ms < 0) throw new SyntaxError("must not be negative");
  return ms;
}

function parseInteger(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new SyntaxError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const value = BigInt(text.replace(/^\+/, ""));
  if (BigInt.asIntN(64, value) !== value) {
    throw new SyntaxError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  }
  // Vitess's own "as many as there are" is the largest of 64 bits.
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(value)));
}

/** Commas separate; a backslash keeps one (v11's StringListValue); blanks around entries and empty entries go. */
function parseList(text: string): string[] {
  const entries: string[] = [];
  let entry = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === "\\" && i + 1 < text.length) {
      entry += text[++i];
    } else if (char === ",") {
      entries.push(entry);
      entry = "";
    } else {
      entry += char;
    }
  }
  return [...entries, entry].map((name) => name.trim()).filter((name) => name !== "");
}
