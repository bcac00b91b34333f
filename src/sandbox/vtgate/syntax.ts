import { SqlSyntaxError, type Token, tokenize } from "../mysql/parse/tokens.js";
import { MysqlError } from "../mysql/port.js";
import { SqlError, syntaxError } from "./errors.js";

/** Runs MySQL's parser and words its refusals as a vtgate does: "syntax error at position 8 near 'x'". */
export function reading<T>(sql: string, read: (sql: string) => T): T {
  try {
    return read(sql);
  } catch (error) {
    if (error instanceof SqlSyntaxError) {
      const near = sql.slice(error.offset, error.offset + 40);
      throw syntaxError(`syntax error at position ${error.offset + 1}${near === "" ? "" : ` near '${near}'`}`);
    }
    if (error instanceof MysqlError) throw new SqlError(error.errno, error.sqlState, error.message, { cause: error });
    throw error;
  }
}

/** Where a prepared statement's values go. Throws SqlError 1064 for an open quote. */
export function placeholders(sql: string): Token[] {
  return reading(sql, tokenize).filter((token) => token.kind === "symbol" && token.text === "?");
}
