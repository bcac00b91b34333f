/** A word, quoted thing or sign of an SQL text, and where it stands. */
export interface SqlWord {
  text: string;
  start: number;
  end: number;
  /** Parentheses around it. */
  depth: number;
}

const QUOTED = /'[^'\\]*(?:(?:''|\\.)[^'\\]*)*'|"[^"\\]*(?:(?:""|\\.)[^"\\]*)*"|`[^`]*(?:``[^`]*)*`/;
/** What stands in a version comment is SQL: "/*!50100 PARTITION BY ...", MariaDB's "/*M!100301 COMPRESSED". */
const COMMENT = /\/\*M?!\d*|\*\/|\/\*.*?\*\//;
const PLAIN = /[A-Za-z0-9_$.\u0080-\uffff]+|[<>=!]+|\S/;
const WORD = new RegExp([QUOTED, COMMENT, PLAIN].map(({ source }) => source).join("|"), "gs");

/** Cuts SQL into words: enough to find clauses and conjuncts, without a grammar. Comments are left out. */
export function sqlWords(sql: string): SqlWord[] {
  const words: SqlWord[] = [];
  let depth = 0;
  for (const match of sql.matchAll(WORD)) {
    const text = match[0];
    if (text.startsWith("/*") || text === "*/") continue;
    if (text === ")") depth--;
    words.push({ text, start: match.index, end: match.index + text.length, depth });
    if (text === "(") depth++;
  }
  return words;
}

export function isWord(word: SqlWord | undefined, ...expected: string[]): boolean {
  return word !== undefined && expected.includes(word.text.toLowerCase());
}

/** Whether the words begin with these, in lower case. */
export function beginsWith(words: readonly SqlWord[], ...expected: string[]): boolean {
  return expected.every((text, i) => isWord(words[i], text));
}

/** The name behind an identifier, back-quoted or not. */
export function identifierName(text: string): string {
  return text.startsWith("`") ? text.slice(1, -1).replaceAll("``", "`") : text;
}

/** What stands between `words[at]`, an opening parenthesis, and its closing one; [] when it is none. */
export function insideParentheses(words: readonly SqlWord[], at: number): SqlWord[] {
  const open = words[at];
  if (open?.text !== "(") return [];
  const close = words.findIndex((word, i) => i > at && word.text === ")" && word.depth === open.depth);
  return words.slice(at + 1, close < 0 ? undefined : close);
}

/** The words between the separators that stand outside of all inner parentheses. */
export function splitWords(words: readonly SqlWord[], separator: string): SqlWord[][] {
  const depth = words[0]?.depth ?? 0;
  const parts: SqlWord[][] = [[]];
  for (const word of words) {
    if (word.depth === depth && word.text === separator) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts.filter((part) => part.length > 0);
}
