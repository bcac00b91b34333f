/** Errors of the queryservice: MySQL's get a gRPC code, and the query behind them. */
import { status } from "@grpc/grpc-js";
import { MysqlError } from "../../mysql/port.js";
import { codeOfMysqlError, errorText, mysqlErrorText, TabletError } from "../errors.js";
import { SqlSyntaxError } from "../sql.js";

/** As tabletserver.go's convertAndLogError words it; `sql` in at most 5,000 characters. */
export function queryFailure(error: unknown, sql: string, user = ""): unknown {
  if (!(error instanceof MysqlError)) return error;
  const caller = user === "" ? "" : ` (CallerID: ${user})`;
  const query = `Sql: ${JSON.stringify(sql.slice(0, 5000))}, BindVars: {}`;
  return new TabletError(codeOfMysqlError(error), `${mysqlErrorText(error)}${caller}: ${query}`);
}

/**
 * Only what can't be parsed has a code of its own. MySQL's errors, as StatementErrors, say the statement of the stream's
 * that failed.
 */
export function streamFailure(error: unknown): unknown {
  if (error instanceof TabletError) return error;
  if (error instanceof SqlSyntaxError) return new TabletError(status.INVALID_ARGUMENT, error.message);
  return new TabletError(status.UNKNOWN, errorText(error));
}
