import { collationNamed, defaultCollation } from "../collations.js";
import { errors } from "../errors.js";
import { aggregate, isAggregateName } from "../functions/aggregates.js";
import { addInterval } from "../functions/dates.js";
import { functionRules } from "../functions/index.js";
import { jsonArrow } from "../functions/json.js";
import { applyFunction } from "../functions/rules.js";
import type { Expr } from "../parse/ast.js";
import { binaryType, intType, temporalType, textType, uintType } from "../types/sql-type.js";
import { arithmetic, bitOperation, negate } from "./arithmetic.js";
import { cast } from "./cast.js";
import { asBlob, asBoolean, asTemporal, asText, asUint, unified } from "./coerce.js";
import { compareSql, isComparison } from "./compare.js";
import { literalValue } from "./literals.js";
import type { Scope } from "./scope.js";
import { existsSql, inQuery, quantified, subqueryValue } from "./subquery.js";
import { Coercibility, computed, literal, sharedCollation, type Typed } from "./typed.js";

const boolean = (sql: string, from: readonly Typed[] = []): Typed => ({
  ...computed(sql, intType(1), from),
  isCondition: true,
});

/** Throws MysqlError for unknown names and wrong arguments. */
export function translate(expr: Expr, scope: Scope): Typed {
  const value = literalValue(expr);
  if (value !== undefined) return literal(value, scope.context.collation);
  switch (expr.kind) {
    case "temporal": {
      const type = temporalType(expr.type, Math.min(/\.(\d+)$/.exec(expr.value)?.[1]?.length ?? 0, 6));
      return computed(asTemporal(literal(expr.value), expr.type), type);
    }
    case "column":
      return column(expr, scope);
    case "default":
      throw errors.invalidDefault(expr.column ?? "");
    case "variable":
      return scope.context.variable(expr.scope, expr.name);
    case "unary":
      return unary(expr, scope);
    case "binary":
      return binary(expr, scope);
    case "between": {
      const [operand, low, high] = [
        translate(expr.operand, scope),
        translate(expr.low, scope),
        translate(expr.high, scope),
      ];
      const within = `(${compareSql(">=", operand, low)} AND ${compareSql("<=", operand, high)})`;
      return boolean(expr.not ? `(NOT ${within})` : within, [operand, low, high]);
    }
    case "in":
      return inList(expr, scope);
    case "like":
      return like(expr, scope);
    case "regexp": {
      const [operand, pattern] = [translate(expr.operand, scope), translate(expr.pattern, scope)];
      const fold = sharedCollation([operand, pattern]).endsWith("_ci") ? 1 : 0;
      return boolean(`(${expr.not ? "NOT " : ""}my_regexp(${asText(operand)}, ${asText(pattern)}, ${fold}))`, [
        operand,
      ]);
    }
    case "is": {
      const operand = translate(expr.operand, scope);
      if (expr.test === "null" || expr.test === "unknown")
        return boolean(`(${operand.sql} IS ${expr.not ? "NOT " : ""}NULL)`, [operand]);
      const test = `ifnull(${asBoolean(operand)}, 0) = ${expr.test === "true" ? 1 : 0}`;
      const definite = expr.test === "true" ? test : `ifnull(${asBoolean(operand)}, 1) = 0`;
      return boolean(expr.not ? `(NOT (${definite}))` : `(${definite})`, [operand]);
    }
    case "exists":
      return boolean(existsSql(expr.query, scope));
    case "subquery":
      return subqueryValue(expr.query, scope);
    case "quantified":
      return boolean(quantified(expr, translate(expr.operand, scope), scope));
    case "case":
      return caseExpression(expr, scope);
    case "call":
      return callFunction(expr, scope);
    case "cast":
      return cast(translate(expr.operand, scope), expr.target);
    case "convertUsing": {
      const operand = translate(expr.operand, scope);
      if (expr.charset === "binary") return computed(asBlob(operand), binaryType(operand.type.length), [operand]);
      const collation = defaultCollation(expr.charset);
      const characters =
        operand.type.collation === undefined ? operand.type.length : Math.ceil(operand.type.length / 4);
      return { ...computed(asText(operand), textType(characters, collation)), coercibility: Coercibility.COLUMN };
    }
    case "collate": {
      const operand = translate(expr.operand, scope);
      const { name } = collationNamed(expr.collation);
      if (name === "binary") return computed(asBlob(operand), binaryType(operand.type.length), [operand]);
      const characters =
        operand.type.collation === undefined ? operand.type.length : Math.ceil(operand.type.length / 4);
      return {
        ...computed(asText(operand), textType(characters, name), [operand]),
        coercibility: Coercibility.EXPLICIT,
      };
    }
    case "interval":
      throw errors.syntax("INTERVAL", 1);
    case "row":
      throw errors.operandColumns(1);
    default:
      throw errors.unsupported(expr.kind);
  }
}

function column(expr: Extract<Expr, { kind: "column" }>, scope: Scope): Typed {
  return scope.resolve(expr.name, expr.table, expr.database);
}

function unary(expr: Extract<Expr, { kind: "unary" }>, scope: Scope): Typed {
  const operand = translate(expr.operand, scope);
  switch (expr.op) {
    case "not":
      return boolean(`(NOT ${asBoolean(operand)})`, [operand]);
    case "~":
      return computed(`my_bit_not(${asUint(operand)})`, uintType(), [operand]);
    case "binary":
      return computed(asBlob(operand), binaryType(operand.type.length), [operand]);
    default:
      return negate(operand);
  }
}

function binary(expr: Extract<Expr, { kind: "binary" }>, scope: Scope): Typed {
  const { op, left, right } = expr;
  if (isComparison(op) && (left.kind === "row" || right.kind === "row")) return compareRows(op, left, right, scope);
  if ((op === "+" || op === "-") && right.kind === "interval") {
    return addInterval(translate(left, scope), translate(right.value, scope), right.unit, op === "-");
  }
  if (op === "+" && left.kind === "interval")
    return addInterval(translate(right, scope), translate(left.value, scope), left.unit, false);
  const [a, b] = [translate(left, scope), translate(right, scope)];
  if (isComparison(op)) return boolean(compareSql(op, a, b), [a, b]);
  switch (op) {
    case "or":
    case "and":
      return boolean(`(${asBoolean(a)} ${op.toUpperCase()} ${asBoolean(b)})`, [a, b]);
    case "xor":
      return boolean(`(${asBoolean(a)} <> ${asBoolean(b)})`, [a, b]);
    case "|":
    case "&":
    case "^":
    case "<<":
    case ">>":
      return bitOperation(op, a, b);
    case "->":
    case "->>":
      return jsonArrow(a, b, op === "->>");
    case "+":
    case "-":
    case "*":
    case "/":
    case "div":
    case "%":
      return arithmetic(op, a, b, scope.context.sql.slice(expr.start, expr.end));
    default:
      throw errors.unsupported(op);
  }
}

/** (a, b) < (c, d): column by column, as MySQL defines it. */
function compareRows(op: string, left: Expr, right: Expr, scope: Scope): Typed {
  if (left.kind !== "row" || right.kind !== "row" || left.items.length !== right.items.length) {
    throw errors.operandColumns(left.kind === "row" ? left.items.length : 1);
  }
  const pairs = left.items.map(
    (item, i) => [translate(item, scope), translate(right.items[i] as Expr, scope)] as const,
  );
  const equal = (count: number): string[] => pairs.slice(0, count).map(([a, b]) => compareSql("=", a, b));
  if (op === "=" || op === "<=>" || op === "<>") {
    const all = pairs.map(([a, b]) => compareSql(op === "<=>" ? "<=>" : "=", a, b)).join(" AND ");
    return boolean(op === "<>" ? `(NOT (${all}))` : `(${all})`, pairs.flat());
  }
  const strict = op.startsWith("<") ? "<" : ">";
  const alternatives = pairs.map(([a, b], i) => {
    const isLast = i === pairs.length - 1;
    return `(${[...equal(i), compareSql(isLast && op.endsWith("=") ? (`${strict}=` as "<=" | ">=") : strict, a, b)].join(" AND ")})`;
  });
  return boolean(`(${alternatives.join(" OR ")})`, pairs.flat());
}

function inList(expr: Extract<Expr, { kind: "in" }>, scope: Scope): Typed {
  if (!Array.isArray(expr.list)) return boolean(inQuery(expr.operand, expr.list, expr.not, scope));
  const not = expr.not ? "NOT " : "";
  if (expr.operand.kind === "row") {
    const { operand } = expr;
    const rows = expr.list.map((item) => compareRows("=", operand, item, scope));
    return boolean(`(${not}(${rows.map(({ sql }) => sql).join(" OR ")}))`, rows);
  }
  const operand = translate(expr.operand, scope);
  const items = expr.list.map((item) => translate(item, scope));
  // Integers against an integer column go as one list, which SQLite looks up in an index.
  if (operand.type.representation === "int" && items.every(({ type }) => type.representation === "int")) {
    return boolean(`(${operand.sql} ${not}IN (${items.map(({ sql }) => sql).join(", ")}))`, [operand, ...items]);
  }
  return boolean(`(${not}(${items.map((item) => compareSql("=", operand, item)).join(" OR ")}))`, [operand, ...items]);
}

function like(expr: Extract<Expr, { kind: "like" }>, scope: Scope): Typed {
  const [operand, pattern] = [translate(expr.operand, scope), translate(expr.pattern, scope)];
  const escapeSql = expr.escape ? asText(translate(expr.escape, scope)) : "'\\'";
  const isBinary = operand.type.representation === "blob" || pattern.type.representation === "blob";
  const { family } = collationNamed(sharedCollation([operand, pattern]));
  const fold = isBinary || family === "bytes" || family === "uca-case" ? 0 : family === "uca-accent" ? 1 : 2;
  return boolean(`(${expr.not ? "NOT " : ""}my_like(${asText(operand)}, ${asText(pattern)}, ${escapeSql}, ${fold}))`, [
    operand,
    pattern,
  ]);
}

function caseExpression(expr: Extract<Expr, { kind: "case" }>, scope: Scope): Typed {
  const operand = expr.operand && translate(expr.operand, scope);
  const conditions = expr.whens.map(({ when }) => {
    const condition = translate(when, scope);
    return operand ? compareSql("=", operand, condition) : asBoolean(condition);
  });
  const results = expr.whens.map(({ result }) => translate(result, scope));
  if (expr.otherwise) results.push(translate(expr.otherwise, scope));
  const { type, sqls } = unified(results);
  const whens = conditions.map((condition, i) => `WHEN ${condition} THEN ${sqls[i]}`);
  const otherwise = expr.otherwise ? ` ELSE ${sqls.at(-1)}` : "";
  return computed(`(CASE ${whens.join(" ")}${otherwise} END)`, type, results);
}

function callFunction(expr: Extract<Expr, { kind: "call" }>, scope: Scope): Typed {
  const { name } = expr;
  if (["date_add", "date_sub", "adddate", "subdate"].includes(name)) {
    const [moment, by] = expr.args;
    if (!moment || !by) throw errors.wrongParameterCount(name);
    const [amount, unit] = by.kind === "interval" ? [by.value, by.unit] : [by, "day"];
    return addInterval(translate(moment, scope), translate(amount, scope), unit, name.includes("sub"));
  }
  if (name === "timestampadd") {
    const [unit, amount, moment] = expr.args;
    if (unit?.kind !== "string" || !amount || !moment) throw errors.wrongParameterCount(name);
    return addInterval(translate(moment, scope), translate(amount, scope), unit.value, false);
  }
  if (name === "values") {
    const [of] = expr.args;
    const value = of?.kind === "column" ? scope.insertValues?.(of.name) : undefined;
    if (!value) throw errors.syntax("VALUES", 1);
    return value;
  }
  const args = expr.args.map((each) => translate(each, scope));
  if (isAggregateName(name)) {
    if (args.some((each) => each.isAggregate)) throw errors.invalidGroupFunction();
    return aggregate({
      name,
      args,
      distinct: expr.distinct ?? false,
      star: expr.star ?? false,
      orderBy: (expr.orderBy ?? []).map(({ expr: each, descending }) => ({
        operand: translate(each, scope),
        descending,
      })),
      separator: expr.separator ?? ",",
    });
  }
  const result = applyFunction(functionRules, name, args, scope.context);
  return args.some((each) => each.isAggregate) ? { ...result, isAggregate: true } : result;
}
