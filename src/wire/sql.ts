/** Text of SQL that both sides of a socket agree on. */
import { keywords } from "./keywords.js";

const escapes: Record<string, string> = {
  "\0": "\\0",
  "'": "\\'",
  "\b": "\\b",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x1a": "\\Z",
  "\\": "\\\\",
};

/**
 * A string literal escaped as Vitess does (go/sqltypes/value.go, v22, which leaves `"` alone; older
 * tablets parse both forms).
 */
export function sqlString(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters MySQL needs escaped
  return `'${text.replace(/[\0'\b\n\r\t\x1a\\]/g, (char) => escapes[char] ?? char)}'`;
}

/** A back-quoted identifier; always quoted, which every version accepts. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/**
 * Back-quoted only where Vitess would: a keyword, a digit first, or a character outside [A-Za-z0-9_$]
 * (go/vt/sqlparser/ast_funcs.go, formatID). Filters are written this way so that streams of ours and
 * of vtctld read alike.
 */
export function quoteIdentifierIfNeeded(name: string): string {
  const plain = /^[A-Za-z_$][A-Za-z0-9_$]*$/.test(name) && !keywords.has(name.toLowerCase());
  return plain ? name : quoteIdentifier(name);
}
