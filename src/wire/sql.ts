/** Text of SQL that both sides of a socket agree on. */

/** A string literal escaped as Vitess does (go/sqltypes/value.go, v22): NUL ' BS LF CR TAB 0x1A \ . */
export function sqlString(_text: string): string {
  throw new Error("pending");
}

/** A back-quoted identifier; always quoted, which every version accepts. */
export function quoteIdentifier(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

/** Back-quoted only where Vitess would (keyword, digit first, other than [A-Za-z0-9_$]): `spec` text of filters. */
export function quoteIdentifierIfNeeded(_name: string): string {
  throw new Error("pending");
}
