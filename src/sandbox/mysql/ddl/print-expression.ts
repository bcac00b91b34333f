/** Expressions as SHOW CREATE TABLE prints them back: every operator in parentheses, names in backticks. */
import { errors } from "../errors.js";
import type { Expr } from "../parse/ast.js";

const quoteName = (name: string): string => `\`${name.replaceAll("`", "``")}\``;
const escaped = (text: string): string =>
  text
    .replaceAll("\\", "\\\\")
    .replaceAll("'", "\\'")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\0", "\\0");

export function printExpression(expr: Expr): string {
  const print = printExpression;
  switch (expr.kind) {
    case "string":
      return `_${expr.charset ?? "utf8mb4"}'${escaped(expr.value)}'`;
    case "number":
      return expr.text;
    case "hex":
      return `0x${expr.digits}`;
    case "bits":
      return `0x${BigInt(`0b${expr.bits || "0"}`)
        .toString(16)
        .padStart(2, "0")}`;
    case "null":
      return "NULL";
    case "bool":
      return String(expr.value);
    case "column":
      return quoteName(expr.name);
    case "unary":
      if (expr.op === "not") return `(not(${print(expr.operand)}))`;
      if (expr.op === "binary") return `cast(${print(expr.operand)} as char charset binary)`;
      return `${expr.op === "-" ? "-" : "~"}${expr.operand.kind === "number" ? print(expr.operand) : `(${print(expr.operand)})`}`;
    case "binary":
      if (expr.op === "->") return `json_extract(${print(expr.left)},${print(expr.right)})`;
      if (expr.op === "->>") return `json_unquote(json_extract(${print(expr.left)},${print(expr.right)}))`;
      return `(${print(expr.left)} ${expr.op} ${print(expr.right)})`;
    case "between":
      return `(${print(expr.operand)} ${expr.not ? "not between" : "between"} ${print(expr.low)} and ${print(expr.high)})`;
    case "in":
      if (!Array.isArray(expr.list)) throw errors.unsupported("subquery in a table's expression");
      return `(${print(expr.operand)} ${expr.not ? "not in" : "in"} (${expr.list.map(print).join(",")}))`;
    case "like":
      return `(${expr.not ? "not(" : ""}${print(expr.operand)} like ${print(expr.pattern)}${expr.not ? ")" : ""})`;
    case "regexp":
      return `regexp_like(${print(expr.operand)},${print(expr.pattern)})`;
    case "is":
      return `(${print(expr.operand)} is ${expr.not ? "not " : ""}${expr.test})`;
    case "case": {
      const whens = expr.whens.map(({ when, result }) => `when ${print(when)} then ${print(result)}`).join(" ");
      const operand = expr.operand ? `${print(expr.operand)} ` : "";
      return `(case ${operand}${whens}${expr.otherwise ? ` else ${print(expr.otherwise)}` : ""} end)`;
    }
    case "call":
      return printCall(expr);
    case "cast":
      return `cast(${print(expr.operand)} as ${castName(expr)})`;
    case "convertUsing":
      return `convert(${print(expr.operand)} using ${expr.charset})`;
    case "collate":
      return `(${print(expr.operand)} collate ${expr.collation})`;
    case "interval":
      return `interval ${print(expr.value)} ${expr.unit}`;
    case "temporal":
      return `${expr.type.toUpperCase()}'${escaped(expr.value)}'`;
    case "row":
      return `(${expr.items.map(print).join(",")})`;
    default:
      throw errors.unsupported(`${expr.kind} in a table's expression`);
  }
}

function printCall(expr: Extract<Expr, { kind: "call" }>): string {
  const names: Record<string, string> = {
    char_length: "char_length",
    substring: "substr",
    ucase: "upper",
    lcase: "lower",
    current_timestamp: "now",
  };
  if (expr.name === "trim_leading" || expr.name === "trim_trailing") {
    const [from, what] = expr.args.map(printExpression);
    return `trim(${expr.name.slice(5)} ${what ?? "_utf8mb4' '"} from ${from})`;
  }
  return `${names[expr.name] ?? expr.name}(${expr.args.map(printExpression).join(",")})`;
}

function castName({ target }: Extract<Expr, { kind: "cast" }>): string {
  const length =
    target.length === undefined ? "" : `(${target.length}${target.type === "decimal" ? `,${target.scale ?? 0}` : ""})`;
  if (target.type === "char") return `char${length} charset ${target.charset ?? "utf8mb4"}`;
  if (target.type === "binary") return `char${length} charset binary`;
  return `${target.type}${target.type === "datetime" || target.type === "time" ? (target.length ? length : "") : length}`;
}
