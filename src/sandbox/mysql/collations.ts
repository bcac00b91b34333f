/**
 * Character sets and collations: ids and defaults as MySQL 8.4's information_schema.collations lists
 * them; order through ICU (the UCA ones) or by our own weights (general_ci).
 */
import { errors } from "./errors.js";

type Family = "uca-base" | "uca-accent" | "uca-case" | "general" | "bytes";

export interface Collation {
  name: string;
  id: number;
  charset: string;
  family: Family;
  padSpace: boolean;
}

const list: [name: string, id: number, charset: string, family: Family, padSpace: boolean][] = [
  ["utf8mb4_0900_ai_ci", 255, "utf8mb4", "uca-base", false],
  ["utf8mb4_0900_as_ci", 305, "utf8mb4", "uca-accent", false],
  ["utf8mb4_0900_as_cs", 278, "utf8mb4", "uca-case", false],
  ["utf8mb4_0900_bin", 309, "utf8mb4", "bytes", false],
  ["utf8mb4_general_ci", 45, "utf8mb4", "general", true],
  ["utf8mb4_bin", 46, "utf8mb4", "bytes", true],
  ["utf8mb4_unicode_ci", 224, "utf8mb4", "uca-base", true],
  ["utf8mb4_unicode_520_ci", 246, "utf8mb4", "uca-base", true],
  ["utf8mb3_general_ci", 33, "utf8mb3", "general", true],
  ["utf8mb3_bin", 83, "utf8mb3", "bytes", true],
  ["utf8mb3_unicode_ci", 192, "utf8mb3", "uca-base", true],
  ["latin1_swedish_ci", 8, "latin1", "general", true],
  ["latin1_bin", 47, "latin1", "bytes", true],
  ["latin1_general_ci", 48, "latin1", "general", true],
  ["latin1_general_cs", 49, "latin1", "uca-case", true],
  ["ascii_general_ci", 11, "ascii", "general", true],
  ["ascii_bin", 65, "ascii", "bytes", true],
  ["binary", 63, "binary", "bytes", false],
];
export const collations: readonly Collation[] = list.map(([name, id, charset, family, padSpace]) => ({
  name,
  id,
  charset,
  family,
  padSpace,
}));
const byName = new Map(collations.map((collation) => [collation.name, collation]));

export const DEFAULT_COLLATION = "utf8mb4_0900_ai_ci";
/** utf8 is another name of utf8mb3. */
const canonical = (name: string): string => name.toLowerCase().replace(/^utf8(?=_|$)/, "utf8mb3");

/** Throws MysqlError 1273. */
export function collationNamed(name: string): Collation {
  const collation = byName.get(name) ?? byName.get(canonical(name));
  if (!collation) throw errors.unknownCollation(name);
  return collation;
}

export function charsetOf(collation: string): string {
  return collationNamed(collation).charset;
}

/** The first of a charset's collations is its default. Throws MysqlError 1115. */
export function defaultCollation(charset: string): string {
  const collation = collations.find((candidate) => candidate.charset === canonical(charset));
  if (!collation) throw errors.unknownCharset(charset);
  return collation.name;
}

export function isDefaultCollation(name: string): boolean {
  return defaultCollation(charsetOf(name)) === name;
}

/** The collation of a column or table from its CHARACTER SET and COLLATE, or the inherited one. */
export function resolveCollation(
  charset: string | undefined,
  collation: string | undefined,
  inherited: string,
): string {
  if (collation !== undefined) return collationNamed(collation).name;
  return charset === undefined ? inherited : defaultCollation(charset);
}

const collators: Partial<Record<Family, Intl.Collator>> = {
  "uca-base": new Intl.Collator("en", { sensitivity: "base" }),
  "uca-accent": new Intl.Collator("en", { sensitivity: "accent" }),
  // MySQL's _cs collations put the lower case first, as ICU's default does.
  "uca-case": new Intl.Collator("en", { sensitivity: "variant" }),
};

/** Weights of the ASCII characters on whose order ICU and plain comparison agree; 0 elsewhere. */
const ASCII_WEIGHTS = new Uint8Array(256);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[ 0-9A-Za-z]/.test(char)) ASCII_WEIGHTS[code] = char.toLowerCase().charCodeAt(0);
}

export type Compare = (a: Uint8Array, b: Uint8Array) => number;

/** Compares UTF-8 texts. */
export function comparator(name: string): Compare {
  const { family, padSpace } = collationNamed(name);
  const text = textComparator(family);
  return (a, b) => {
    const endA = padSpace ? trimmedLength(a) : a.length;
    const endB = padSpace ? trimmedLength(b) : b.length;
    if (family === "bytes") return Buffer.compare(a.subarray(0, endA), b.subarray(0, endB));
    if (family === "uca-base" || family === "general") {
      const fast = compareAscii(a, endA, b, endB);
      if (fast !== undefined) return fast;
    }
    return text(decode(a, endA), decode(b, endB));
  };
}

function decode(bytes: Uint8Array, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString("utf8");
}

function trimmedLength(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0x20) end--;
  return end;
}

/** undefined as soon as another character than letters, digits and spaces is met. */
function compareAscii(a: Uint8Array, endA: number, b: Uint8Array, endB: number): number | undefined {
  const end = Math.min(endA, endB);
  let found = 0;
  for (let i = 0; i < end; i++) {
    const weightA = ASCII_WEIGHTS[a[i] as number] as number;
    const weightB = ASCII_WEIGHTS[b[i] as number] as number;
    if (weightA === 0 || weightB === 0) return undefined;
    if (found === 0 && weightA !== weightB) found = weightA - weightB;
  }
  // A combining mark behind the common part could still change the last letter's weight.
  if (found === 0 && endA !== endB) {
    const rest = endA > endB ? a : b;
    for (let i = end; i < Math.max(endA, endB); i++) if (ASCII_WEIGHTS[rest[i] as number] === 0) return undefined;
    return endA - endB;
  }
  return found;
}

function textComparator(family: Family): (a: string, b: string) => number {
  const collator = collators[family];
  if (collator) return collator.compare;
  return (a, b) => {
    const weightsA = generalWeights(a);
    const weightsB = generalWeights(b);
    for (let i = 0; i < weightsA.length && i < weightsB.length; i++) {
      const difference = (weightsA[i] as number) - (weightsB[i] as number);
      if (difference !== 0) return difference;
    }
    return weightsA.length - weightsB.length;
  };
}

/**
 * general_ci compares character by character: upper case without accents, everything beyond the BMP
 * alike (manual, "Unicode Character Sets").
 */
function generalWeights(text: string): number[] {
  return Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code > 0xffff) return 0xfffd;
    if (char === "ß") return 0x53;
    const base = char.normalize("NFD").charAt(0).toUpperCase();
    return base.codePointAt(0) ?? code;
  });
}

/** Bytes whose order is near the collation's, as WEIGHT_STRING() gives: equal texts give equal bytes. */
export function sortKey(name: string, text: string): Buffer {
  const { family, padSpace } = collationNamed(name);
  const trimmed = padSpace ? text.replace(/ +$/, "") : text;
  if (family === "bytes") return Buffer.from(trimmed);
  if (family === "general") return Buffer.from(Uint16Array.from(generalWeights(trimmed)).buffer).swap16();
  const decomposed = trimmed.normalize("NFKD");
  if (family === "uca-case") return Buffer.from(decomposed);
  const folded = decomposed.toLowerCase().replaceAll("ß", "ss");
  return Buffer.from(family === "uca-accent" ? folded : folded.replace(/\p{M}/gu, ""));
}
