/** What a parsed statement is. `start` and `end` are offsets into the statement's text, which names unaliased columns. */

export interface Span {
  start: number;
  end: number;
}

export type Expr = Span &
  (
    | { kind: "string"; value: string; charset?: string }
    | { kind: "number"; text: string }
    | { kind: "hex"; digits: string }
    | { kind: "bits"; bits: string }
    | { kind: "null" }
    | { kind: "bool"; value: boolean }
    | { kind: "temporal"; type: "date" | "time" | "datetime"; value: string }
    | { kind: "column"; database?: string; table?: string; name: string }
    | { kind: "default"; column?: string }
    | { kind: "variable"; scope: "user" | "session" | "global" | "system"; name: string }
    | { kind: "unary"; op: "-" | "~" | "not" | "binary"; operand: Expr }
    | { kind: "binary"; op: BinaryOperator; left: Expr; right: Expr }
    | { kind: "between"; operand: Expr; low: Expr; high: Expr; not: boolean }
    | { kind: "in"; operand: Expr; list: Expr[] | Query; not: boolean }
    | { kind: "like"; operand: Expr; pattern: Expr; escape?: Expr; not: boolean }
    | { kind: "regexp"; operand: Expr; pattern: Expr; not: boolean }
    | { kind: "is"; operand: Expr; test: "null" | "true" | "false" | "unknown"; not: boolean }
    | { kind: "exists"; query: Query }
    | { kind: "subquery"; query: Query }
    | { kind: "quantified"; op: BinaryOperator; operand: Expr; quantifier: "any" | "all"; query: Query }
    | { kind: "case"; operand?: Expr; whens: { when: Expr; result: Expr }[]; otherwise?: Expr }
    | {
        kind: "call";
        name: string;
        args: Expr[];
        distinct?: boolean;
        star?: boolean;
        orderBy?: OrderItem[];
        separator?: string;
      }
    | { kind: "cast"; operand: Expr; target: CastTarget }
    | { kind: "convertUsing"; operand: Expr; charset: string }
    | { kind: "collate"; operand: Expr; collation: string }
    | { kind: "interval"; value: Expr; unit: string }
    | { kind: "row"; items: Expr[] }
  );

export type BinaryOperator =
  | "or"
  | "xor"
  | "and"
  | "="
  | "<=>"
  | "<>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "|"
  | "&"
  | "<<"
  | ">>"
  | "^"
  | "+"
  | "-"
  | "*"
  | "/"
  | "div"
  | "%"
  | "->"
  | "->>";

export interface CastTarget {
  type:
    | "signed"
    | "unsigned"
    | "decimal"
    | "double"
    | "float"
    | "char"
    | "binary"
    | "date"
    | "datetime"
    | "time"
    | "json"
    | "year";
  length?: number;
  scale?: number;
  charset?: string;
}

export interface OrderItem {
  expr: Expr;
  descending: boolean;
}

export interface SelectItem {
  expr: Expr | { kind: "star"; database?: string; table?: string; start: number; end: number };
  alias?: string;
}

export interface TableName {
  kind: "tableName";
  database?: string;
  name: string;
}

export type TableRef =
  | { kind: "table"; name: TableName; alias?: string }
  | { kind: "derived"; query: Query; alias: string; columns?: string[] }
  | {
      kind: "join";
      type: "inner" | "left" | "right";
      left: TableRef;
      right: TableRef;
      on?: Expr;
      using?: string[];
      natural?: boolean;
    };

export interface Select {
  kind: "select";
  distinct: boolean;
  items: SelectItem[];
  from?: TableRef;
  where?: Expr;
  groupBy: Expr[];
  having?: Expr;
  orderBy: OrderItem[];
  limit?: Limit;
}

export interface Limit {
  count: Expr;
  offset?: Expr;
}

export interface Union {
  kind: "union";
  left: Query;
  right: Query;
  all: boolean;
  orderBy: OrderItem[];
  limit?: Limit;
}

export interface With {
  name: string;
  columns?: string[];
  query: Query;
}

export type Query = (Select | Union) & { with?: { recursive: boolean; tables: With[] } };

export interface Assignment {
  column: { table?: string; name: string };
  value: Expr;
}

export interface Insert {
  kind: "insert";
  replace: boolean;
  ignore: boolean;
  table: TableName;
  columns?: string[];
  source: { rows: Expr[][] } | { query: Query };
  /** `VALUES (...) AS new(a, b)`: how ON DUPLICATE KEY UPDATE names the row. */
  rowAlias?: { name: string; columns?: string[] };
  onDuplicate: Assignment[];
}

export interface Update {
  kind: "update";
  ignore: boolean;
  table: TableRef;
  set: Assignment[];
  where?: Expr;
  orderBy: OrderItem[];
  limit?: Limit;
}

export interface Delete {
  kind: "delete";
  /** The tables whose rows go, as named in a multi-table delete; undefined: the one table of `from`. */
  targets?: TableName[];
  from: TableRef;
  where?: Expr;
  orderBy: OrderItem[];
  limit?: Limit;
}

export type Dml = Insert | Update | Delete;
