/** Function calls, and the functions whose arguments have a grammar of their own. */
import type { CastTarget, Expr, OrderItem } from "./ast.js";
import type { Cursor } from "./cursor.js";
import { parseOperand } from "./expression.js";

type ParseExpr = (cursor: Cursor) => Expr;

/** Functions that may be written without parentheses. */
const BARE = new Set([
  "CURRENT_TIMESTAMP",
  "CURRENT_DATE",
  "CURRENT_TIME",
  "CURRENT_USER",
  "LOCALTIME",
  "LOCALTIMESTAMP",
  "UTC_DATE",
  "UTC_TIME",
  "UTC_TIMESTAMP",
]);

/** A call at the cursor, or undefined: then it is a column's name. */
export function callExpression(cursor: Cursor, parse: ParseExpr): Expr | undefined {
  const token = cursor.current;
  const { start } = token;
  const opens = cursor.peek(1).kind === "symbol" && cursor.peek(1).text === "(";
  if (token.kind === "word" && !opens && BARE.has(token.text)) {
    cursor.next();
    return { kind: "call", name: token.text.toLowerCase(), args: [], start, end: token.end };
  }
  if (!opens || token.kind !== "word") return undefined;
  cursor.next();
  cursor.expectSymbol("(");
  const finish = (expr: Omit<Extract<Expr, { kind: "call" }>, "kind" | "start" | "end">): Expr => {
    cursor.expectSymbol(")");
    return { kind: "call", ...expr, start, end: cursor.previousEnd };
  };
  const name = token.text.toLowerCase();
  switch (name) {
    case "cast": {
      const operand = parse(cursor);
      cursor.expectWord("AS");
      const target = castTarget(cursor);
      cursor.expectSymbol(")");
      return { kind: "cast", operand, target, start, end: cursor.previousEnd };
    }
    case "convert": {
      const operand = parse(cursor);
      if (cursor.acceptWord("USING")) {
        const charset = cursor.nameOrString().toLowerCase();
        cursor.expectSymbol(")");
        return { kind: "convertUsing", operand, charset, start, end: cursor.previousEnd };
      }
      cursor.expectSymbol(",");
      const target = castTarget(cursor);
      cursor.expectSymbol(")");
      return { kind: "cast", operand, target, start, end: cursor.previousEnd };
    }
    case "trim": {
      const side = cursor.acceptWord("BOTH", "LEADING", "TRAILING");
      const first: Expr | undefined = cursor.isWord("FROM") ? undefined : parse(cursor);
      if (!side && !cursor.isWord("FROM")) return finish({ name, args: first ? [first] : [] });
      cursor.expectWord("FROM");
      const args = [parse(cursor), ...(first ? [first] : [])];
      return finish({
        name: side === "LEADING" ? "trim_leading" : side === "TRAILING" ? "trim_trailing" : "trim",
        args,
      });
    }
    case "substring":
    case "substr":
    case "mid": {
      const args = [parse(cursor)];
      while (cursor.acceptSymbol(",") || cursor.acceptWord("FROM", "FOR")) args.push(parse(cursor));
      return finish({ name: "substring", args });
    }
    case "extract": {
      const unit = cursor.next();
      cursor.expectWord("FROM");
      const from = parse(cursor);
      return finish({
        name,
        args: [{ kind: "string", value: unit.text.toLowerCase(), start: unit.start, end: unit.end }, from],
      });
    }
    case "timestampdiff":
    case "timestampadd": {
      const unit = cursor.next();
      cursor.expectSymbol(",");
      const args: Expr[] = [{ kind: "string", value: unit.text.toLowerCase(), start: unit.start, end: unit.end }];
      return finish({ name, args: [...args, ...cursor.list(() => parse(cursor))] });
    }
    case "char": {
      const args = cursor.list(() => parse(cursor));
      if (cursor.acceptWord("USING")) args.push({ kind: "string", value: cursor.nameOrString(), start, end: start });
      return finish({ name, args });
    }
    case "weight_string": {
      const args = [parse(cursor)];
      if (cursor.acceptWord("AS")) castTarget(cursor);
      return finish({ name, args });
    }
    case "position": {
      const needle = parseOperand(cursor);
      cursor.expectWord("IN");
      return finish({ name: "locate", args: [needle, parse(cursor)] });
    }
    default:
      return plainCall(cursor, parse, name, finish);
  }
}

type Finish = (expr: Omit<Extract<Expr, { kind: "call" }>, "kind" | "start" | "end">) => Expr;

function plainCall(cursor: Cursor, parse: ParseExpr, name: string, finish: Finish): Expr {
  if (cursor.acceptSymbol("*")) return finish({ name, args: [], star: true });
  if (cursor.isSymbol(")")) return finish({ name, args: [] });
  const distinct = cursor.acceptWord("DISTINCT") !== undefined;
  if (!distinct) cursor.acceptWord("ALL");
  const args = cursor.list(() => parse(cursor));
  if (name !== "group_concat") return finish({ name, args, ...(distinct && { distinct }) });
  const orderBy = parseOrderBy(cursor, parse);
  const separator = cursor.acceptWord("SEPARATOR") ? cursor.string() : ",";
  return finish({ name, args, ...(distinct && { distinct }), orderBy, separator });
}

export function parseOrderBy(cursor: Cursor, parse: ParseExpr): OrderItem[] {
  if (!cursor.acceptWord("ORDER")) return [];
  cursor.expectWord("BY");
  return cursor.list(() => {
    const expr = parse(cursor);
    const descending = cursor.acceptWord("ASC", "DESC") === "DESC";
    return { expr, descending };
  });
}

function castTarget(cursor: Cursor): CastTarget {
  const word = cursor.next();
  if (word.kind !== "word") cursor.fail();
  switch (word.text) {
    case "SIGNED":
    case "UNSIGNED":
      cursor.acceptWord("INTEGER", "INT");
      return { type: word.text === "SIGNED" ? "signed" : "unsigned" };
    case "CHAR":
    case "NCHAR":
    case "CHARACTER": {
      const length = optionalLength(cursor);
      const target: CastTarget = { type: "char", ...(length !== undefined && { length }) };
      if (cursor.acceptWords("CHARACTER", "SET") || cursor.acceptWord("CHARSET"))
        target.charset = cursor.nameOrString().toLowerCase();
      return target;
    }
    case "BINARY": {
      const length = optionalLength(cursor);
      return { type: "binary", ...(length !== undefined && { length }) };
    }
    case "DECIMAL":
    case "DEC": {
      if (!cursor.acceptSymbol("(")) return { type: "decimal", length: 10, scale: 0 };
      const length = cursor.integer();
      const scale = cursor.acceptSymbol(",") ? cursor.integer() : 0;
      cursor.expectSymbol(")");
      return { type: "decimal", length, scale };
    }
    case "DATETIME":
    case "TIME": {
      const length = optionalLength(cursor) ?? 0;
      return { type: word.text === "TIME" ? "time" : "datetime", length };
    }
    case "DATE":
      return { type: "date" };
    case "YEAR":
      return { type: "year" };
    case "JSON":
      return { type: "json" };
    case "DOUBLE":
      cursor.acceptWord("PRECISION");
      return { type: "double" };
    case "REAL":
      return { type: "double" };
    case "FLOAT":
      optionalLength(cursor);
      return { type: "float" };
    default:
      cursor.position--;
      return cursor.fail();
  }
}

function optionalLength(cursor: Cursor): number | undefined {
  if (!cursor.acceptSymbol("(")) return undefined;
  const length = cursor.integer();
  cursor.expectSymbol(")");
  return length;
}
