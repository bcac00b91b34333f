/** A word, quoted thing or sign of an SQL text, and where it stands. */
export interface SqlWord {
  text: string;
  start: number;
  end: number;
  /** Parentheses around it. */
  depth: number;
}

const WORD = /'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|`(?:[^`]|``)*`|[A-Za-z0-9_$.\u0080-\uffff]+|[<>=!]+|\S/gs;

/** Cuts SQL into words: enough to find clauses and conjuncts, without a grammar. */
export function sqlWords(sql: string): SqlWord[] {
  const words: SqlWord[] = [];
  let depth = 0;
  for (const match of sql.matchAll(WORD)) {
    const text = match[0];
    if (text === ")") depth--;
    words.push({ text, start: match.index, end: match.index + text.length, depth });
    if (text === "(") depth++;
  }
  return words;
}

export function isWord(word: SqlWord | undefined, ...expected: string[]): boolean {
  return word !== undefined && expected.includes(word.text.toLowerCase());
}

/** The name behind an identifier, back-quoted or not. */
export function identifierName(text: string): string {
  return text.startsWith("`") ? text.slice(1, -1).replaceAll("``", "`") : text;
}
