import type { SetAssignment } from "./set-grammar.js";
import type { ShowStatement } from "./show-grammar.js";
import type { Token } from "./tokens.js";

/** A statement as the vtgate sees it. What it answers itself, it understands; the rest is a query to route. */
export type Statement =
  | { kind: "use"; database: string }
  | { kind: "set"; assignments: SetAssignment[] }
  | { kind: "begin"; readOnly: boolean }
  | { kind: "commit" }
  | { kind: "rollback" }
  | { kind: "savepoint"; verb: "savepoint" | "release" | "rollback"; name: string }
  | { kind: "show"; show: ShowStatement }
  /** LOCK TABLES and UNLOCK TABLES: a vtgate takes them and does nothing. */
  | { kind: "nothing" }
  | QueryStatement;

export interface QueryStatement {
  kind: "query";
  verb: "select" | "write" | "ddl";
  sql: string;
  tokens: Token[];
  /** Tables as they are named, common table expressions left out; a pair may come twice. */
  tables: TableReference[];
  /** Parts of the text that the vtgate fills in itself. */
  sessionCalls: SessionCall[];
}

export interface TableReference {
  /** "" when the name isn't qualified. */
  qualifier: string;
  name: string;
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
