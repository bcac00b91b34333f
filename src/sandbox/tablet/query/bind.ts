/** Bind variables, written into the statement as literals (go/vt/sqlparser/parsed_query.go). */
import type { BindVariable__Output } from "../../../wire/generated/query/BindVariable.js";
import type { Type__Output } from "../../../wire/generated/query/Type.js";
import { sqlLiteral } from "../values.js";

// Strings, quoted names and comments are passed over, so that a ":name" inside them stays what it is.
const pieces = /'(?:[^'\\]|\\[\s\S]|'')*'|"(?:[^"\\]|\\[\s\S]|"")*"|`[^`]*`|\/\*[\s\S]*?\*\/|::?[A-Za-z_]\w*/g;

/** Throws Error "missing bind var x", as Vitess does. */
export function bindVariables(sql: string, variables: Record<string, BindVariable__Output>): string {
  if (Object.keys(variables).length === 0) return sql;
  return sql.replace(pieces, (piece) => {
    if (!piece.startsWith(":")) return piece;
    const name = piece.replace(/^::?/, "");
    const variable = variables[name];
    if (variable === undefined) throw new Error(`missing bind var ${name}`);
    if (variable.type !== "TUPLE") return literalOf(variable.type, variable.value);
    return `(${variable.values.map((member) => literalOf(member.type, member.value)).join(", ")})`;
  });
}

function literalOf(type: Type__Output, value: Buffer): string {
  if (type === "NULL_TYPE") return "null";
  return sqlLiteral(value, { type, charset: type.endsWith("BINARY") || type === "BLOB" ? 63 : 255 });
}
