import { SqlError, unsupported } from "./errors.js";
import { parseQuery } from "./query-parser.js";
import { parseSet } from "./set-grammar.js";
import { parseShow } from "./show-grammar.js";
import type { Statement } from "./statement.js";
import { TokenReader } from "./token-reader.js";
import { tokenize } from "./tokens.js";

/** Statements of the session have a grammar here; everything about rows and tables goes to node-sql-parser. */
export function parseStatement(sql: string): Statement {
  const tokens = tokenize(sql);
  if (tokens.every((token) => token.value === ";")) throw new SqlError(1065, "42000", "Query was empty");
  const reader = new TokenReader(sql, tokens);
  const statement = sessionStatement(reader);
  if (statement === undefined) return parseQuery(sql, tokens);
  return statement;
}

function sessionStatement(reader: TokenReader): Statement | undefined {
  if (reader.accept("use")) return ended(reader, { kind: "use", database: reader.identifier() });
  if (reader.accept("set")) return { kind: "set", assignments: parseSet(reader) };
  if (reader.accept("show")) return { kind: "show", show: parseShow(reader) };
  if (reader.accept("lock", "tables") || reader.accept("unlock", "tables")) return { kind: "nothing" };
  if (reader.acceptOneOf("prepare", "execute", "deallocate") !== undefined) {
    throw unsupported("prepared statements as text; use the protocol's");
  }
  return transactionStatement(reader) ?? describeStatement(reader);
}

function transactionStatement(reader: TokenReader): Statement | undefined {
  if (reader.accept("begin")) {
    reader.accept("work");
    return ended(reader, { kind: "begin", readOnly: false });
  }
  if (reader.accept("start", "transaction")) return ended(reader, { kind: "begin", readOnly: modes(reader) });
  if (reader.accept("commit")) {
    reader.accept("work");
    return ended(reader, { kind: "commit" });
  }
  if (reader.accept("rollback")) return rollback(reader);
  if (reader.accept("savepoint")) {
    return ended(reader, { kind: "savepoint", verb: "savepoint", name: reader.identifier() });
  }
  if (reader.accept("release", "savepoint")) {
    return ended(reader, { kind: "savepoint", verb: "release", name: reader.identifier() });
  }
  return undefined;
}

function rollback(reader: TokenReader): Statement {
  reader.accept("work");
  if (!reader.accept("to")) return ended(reader, { kind: "rollback" });
  reader.accept("savepoint");
  return ended(reader, { kind: "savepoint", verb: "rollback", name: reader.identifier() });
}

/** START TRANSACTION's characteristics; true for READ ONLY. */
function modes(reader: TokenReader): boolean {
  let readOnly = false;
  do {
    if (reader.accept("read", "only")) readOnly = true;
    else if (!reader.accept("read", "write")) reader.accept("with", "consistent", "snapshot");
  } while (reader.accept(","));
  return readOnly;
}

/** DESCRIBE t is SHOW COLUMNS FROM t; EXPLAIN of a statement is left to the tablet. */
function describeStatement(reader: TokenReader): Statement | undefined {
  if (reader.acceptOneOf("describe", "desc") === undefined) return undefined;
  const { qualifier, name } = reader.qualifiedName();
  return ended(reader, { kind: "show", show: { what: "columns", full: false, database: qualifier, table: name } });
}

function ended<S extends Statement>(reader: TokenReader, statement: S): S {
  reader.expectEnd();
  return statement;
}
