import type { TableName } from "../mysql/parse/ast.js";
import type { Statement as MysqlStatement } from "../mysql/parse/statement.js";

/** What the vtgate answers itself, as MySQL's grammar gives it. */
type OwnKinds = "use" | "set" | "begin" | "commit" | "rollback" | "savepoint" | "release" | "show" | "nothing";

/** A statement as the vtgate sees it. What it answers itself, it understands; the rest is a query to route. */
export type Statement =
  | Extract<MysqlStatement, { kind: OwnKinds }>
  | { kind: "vitessShow"; what: VitessShow }
  | QueryStatement;

/** What SHOW means to Vitess alone (go/vt/sqlparser/ast.go, ShowCommandType). */
export type VitessShow = "vschema tables" | "vitess_shards" | "vitess_tablets";

export interface QueryStatement {
  kind: "query";
  verb: "select" | "write" | "ddl";
  sql: string;
  /** Tables as they are named, common table expressions left out; a pair may come twice. */
  tables: TableName[];
  /** Parts of the text that the vtgate fills in itself. */
  sessionCalls: SessionCall[];
}

/** A function or variable whose value the vtgate knows and the tablet doesn't: database(), @@version_comment. */
export interface SessionCall {
  start: number;
  end: number;
  kind: "function" | "variable";
  /** Lower case, without "@@" and scope. */
  name: string;
  /** A column of the select list without a name of its own keeps the expression's text as its name. */
  needsAlias: boolean;
}
