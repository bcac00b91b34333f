import type { ResultSet } from "../../../wire/result.js";
import { outputField } from "../fields.js";
import type { Query } from "../parse/ast.js";
import type { ServerState } from "../server.js";
import type { Statement } from "../statement.js";
import { type TranslatedQuery, translateQuery } from "../translate/query.js";
import { Scope, type TranslateContext } from "../translate/scope.js";
import { columnReader } from "../types/print.js";

/**
 * Runs a SELECT. Its translation is kept under `key` for the next time, unless something in it holds
 * for this statement only: the clock, a variable, information_schema.
 */
export function runQuery(
  server: ServerState,
  key: string,
  query: Query,
  translation: (markVolatile: () => void) => TranslateContext,
): ResultSet {
  const known = server.cachedQuery(key);
  if (known) return readRows(known.statement, known.query);
  let isVolatile = false;
  const context = translation(() => {
    isVolatile = true;
  });
  const translated = translateQuery(query, new Scope(context));
  const statement = server.engine.prepare(translated.sql);
  if (!isVolatile) {
    server.cacheQuery(key, { statement, query: translated });
    return readRows(statement, translated);
  }
  try {
    return readRows(statement, translated);
  } finally {
    statement.finalize();
  }
}

function readRows(statement: Statement, query: TranslatedQuery): ResultSet {
  const readers = query.columns.map(({ typed }) => columnReader(typed.type));
  const rows: ResultSet["rows"] = [];
  try {
    while (statement.step()) rows.push(readers.map((read, i) => read(statement, i)));
  } finally {
    statement.reset();
  }
  return { fields: query.columns.map(outputField), rows, rowsAffected: 0, insertId: 0n };
}
