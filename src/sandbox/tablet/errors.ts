/** What a tablet answers when it refuses: a gRPC code and a sentence. */
import { status } from "@grpc/grpc-js";
import { MysqlError } from "../mysql/port.js";

export class TabletError extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
    this.name = "TabletError";
  }
}

/** "Duplicate entry ... (errno 1062) (sqlstate 23000)", as go/mysql's SQLError prints itself. */
export function mysqlErrorText(error: MysqlError): string {
  return `${error.message} (errno ${error.errno}) (sqlstate ${error.sqlState})`;
}

/**
 * A statement of vreplication's that MySQL refused; `what` says what it was for ("task error: failed inserting rows: ").
 * Without `sql` it was one of several that were sent at once, and which one isn't told.
 */
export class StatementError extends Error {
  constructor(
    override readonly cause: MysqlError,
    readonly sql: string | undefined,
    what = "",
  ) {
    super(`${what}${mysqlErrorText(cause)}${sql === undefined ? "" : ` during query: ${sql}`}`);
    this.name = "StatementError";
  }

  for(what: string): StatementError {
    return new StatementError(this.cause, this.sql, what);
  }

  amongOthers(what: string): StatementError {
    return new StatementError(this.cause, undefined, what);
  }
}

/** Go error text of anything that was thrown. */
export function errorText(error: unknown): string {
  if (error instanceof MysqlError) return mysqlErrorText(error);
  return error instanceof Error ? error.message : String(error);
}

const codesByErrno: Record<number, status> = {
  1022: status.ALREADY_EXISTS,
  1044: status.PERMISSION_DENIED,
  1045: status.PERMISSION_DENIED,
  1046: status.FAILED_PRECONDITION,
  1049: status.NOT_FOUND,
  1050: status.ALREADY_EXISTS,
  1051: status.NOT_FOUND,
  1054: status.NOT_FOUND,
  1062: status.ALREADY_EXISTS,
  1064: status.INVALID_ARGUMENT,
  1146: status.NOT_FOUND,
  1205: status.DEADLINE_EXCEEDED,
  1213: status.ABORTED,
  1264: status.INVALID_ARGUMENT,
  1290: status.FAILED_PRECONDITION,
  1364: status.FAILED_PRECONDITION,
  1366: status.INVALID_ARGUMENT,
  1406: status.INVALID_ARGUMENT,
  1451: status.FAILED_PRECONDITION,
  1452: status.FAILED_PRECONDITION,
};

/** The queryservice's code for a MySQL error (go/vt/vttablet/tabletserver/tabletserver.go, convertErrorCode). */
export function codeOfMysqlError(error: MysqlError): status {
  return codesByErrno[error.errno] ?? status.UNKNOWN;
}

/** What Go's gRPC prints of a status. */
export function rpcErrorText(code: status, details: string): string {
  return `rpc error: code = ${goName(code)} desc = ${details}`;
}

/** "FAILED_PRECONDITION" is FailedPrecondition in Go. */
function goName(code: status): string {
  return (status[code] ?? String(code))
    .toLowerCase()
    .replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
