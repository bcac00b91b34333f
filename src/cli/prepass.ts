import { UsageError } from "../errors.js";
import type { Flag, FlagTable } from "./flag-table.js";

/** argv with every spelling resolved. */
export interface Words {
  /** In the order typed; a flag without `=` that takes no value stands for true. */
  settings: { flag: Flag; value: string }[];
  positionals: string[];
  /** The words that belong to the command itself, as typed: without `own` flags and the lone `--`. */
  typed: string[];
}

export interface PrepassOptions {
  table: FlagTable;
  /** Flags of the program, which are left out of `typed`. */
  isProgramFlag: (flag: Flag) => boolean;
  /** "vtmigrate help Migrate": where unknown flags send the reader. */
  helpCommand: string;
}

/**
 * Reads words as every vtctlclient from v11 on would: `-flag` and `--flag`, `=` or a separate value,
 * `_` or `-` in names, flags before and behind positionals. Booleans never take the next word. The
 * first `--` is dropped (v14 strips it anywhere, v16 behind the command) and flags go on behind it; a
 * word such as `-80` behind it is a positional. Behind a second `--` everything is positional.
 *
 * Commander alone can't: it refuses `--all=false`, reads `-all` as a cluster of short flags and turns
 * `--no-routing-rules` into the negation of a flag that doesn't exist.
 *
 * UsageError: "unknown flag: --x", "flag needs an argument: --x", "bad flag syntax: ---x".
 */
export function readWords(words: readonly string[], options: PrepassOptions): Words {
  const { table } = options;
  const result: Words = { settings: [], positionals: [], typed: [] };
  let separators = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (separators < 2 && word === "--") {
      separators++;
      continue;
    }
    if (separators === 2 || word === "-" || !word.startsWith("-")) {
      result.positionals.push(word);
      result.typed.push(word);
      continue;
    }
    const { name, value } = splitFlag(word);
    const flag = table.find(name);
    if (flag === undefined && separators === 1 && isDashedPositional(word)) {
      result.positionals.push(word);
      result.typed.push(word);
      continue;
    }
    if (flag === undefined) throw unknownFlag(word, name, options);
    const consumed = [word];
    let text = value ?? "true";
    if (value === undefined && flag.spec.kind !== "flag") {
      const next = words[i + 1];
      if (next === undefined || next === "--" || namesFlag(next, table)) {
        throw new UsageError(`flag needs an argument: --${flag.spelling}`, {
          hint: `Write -${flag.spelling} <value>, or -${flag.spelling}=<value> when the value starts with a dash.`,
        });
      }
      text = next;
      consumed.push(next);
      i++;
    }
    result.settings.push({ flag, value: text });
    if (!options.isProgramFlag(flag)) result.typed.push(...consumed);
  }
  return result;
}

/** How many words in front of the command belong to flags: the index of the command's name, or -1. */
export function commandIndex(words: readonly string[], options: PrepassOptions): number {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (word === "--") continue;
    if (!word.startsWith("-") || word === "-") return i;
    const { name, value } = splitFlag(word);
    const flag = options.table.find(name);
    if (flag === undefined) throw unknownFlag(word, name, options);
    if (value === undefined && flag.spec.kind !== "flag") i++;
  }
  return -1;
}

/** "-name", "--name", "-name=value"; the value is undefined without `=`. */
function splitFlag(word: string): { name: string; value: string | undefined } {
  const body = word.replace(/^--?/, "");
  if (body.startsWith("-") || body.startsWith("=")) {
    throw new UsageError(`bad flag syntax: ${word}`, { hint: "One or two dashes, then the flag's name." });
  }
  const equals = body.indexOf("=");
  if (equals < 0) return { name: body, value: undefined };
  return { name: body.slice(0, equals), value: body.slice(equals + 1) };
}

function namesFlag(word: string, table: FlagTable): boolean {
  if (!/^--?[A-Za-z]/.test(word)) return false;
  return table.find(splitFlag(word).name) !== undefined;
}

/** Open-ended ranges such as "-80" (a dash and whole bytes in hex), and negative numbers. */
function isDashedPositional(word: string): boolean {
  return /^-(([0-9a-f]{2})+|\d+)$/i.test(word);
}

function unknownFlag(word: string, name: string, options: PrepassOptions): UsageError {
  if (!/^-\d/.test(word)) return options.table.unknown(name, options.helpCommand);
  return new UsageError(`unknown flag: ${word}`, {
    hint: `A word that starts with a dash goes behind a separator: -- ${word}`,
  });
}
