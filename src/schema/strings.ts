const ESCAPES: Record<string, string> = { "0": "\0", b: "\b", n: "\n", r: "\r", t: "\t", Z: "\x1a" };

/** The value of a string literal; both ways to write a quote or backslash inside mean the same. */
export function stringValue(literal: string): string {
  const quote = literal.charAt(0);
  return literal.slice(1, -1).replace(/\\([\s\S])|''|""/g, (found, escaped: string | undefined) => {
    if (escaped === undefined) return found.charAt(0) === quote ? quote : found;
    return ESCAPES[escaped] ?? escaped;
  });
}

/** In quotes, for comparing and showing. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}
