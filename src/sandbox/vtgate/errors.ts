import { type ServiceError, status } from "@grpc/grpc-js";

/** What a MySQL client gets to see: errno, SQLSTATE (five characters) and a sentence. */
export class SqlError extends Error {
  constructor(
    readonly errno: number,
    readonly sqlState: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "SqlError";
  }
}

export function syntaxError(message: string): SqlError {
  return new SqlError(1064, "42000", message);
}

/** Vitess's VT12001: the query is understood, and this vtgate doesn't do it. */
export function unsupported(what: string): SqlError {
  return new SqlError(1235, "42000", `VT12001: unsupported: ${what}`);
}

export function unknownDatabase(name: string): SqlError {
  return new SqlError(1049, "42000", `VT05003: unknown database '${name}' in vschema`);
}

export function tableNotFound(name: string): SqlError {
  return new SqlError(1146, "42S02", `table ${name} not found`);
}

const interrupted: [number, string] = [1317, "70100"];
const denied: [number, string] = [1045, "28000"];

/** Where the tablet's text names no errno, the code decides (go/mysql/sqlerror/sql_error.go, v22). */
const byCode = new Map<number, [number, string]>([
  [status.CANCELLED, interrupted],
  [status.DEADLINE_EXCEEDED, interrupted],
  [status.ABORTED, interrupted],
  [status.PERMISSION_DENIED, denied],
  [status.UNAUTHENTICATED, denied],
  [status.RESOURCE_EXHAUSTED, [1203, "42000"]],
  [status.UNIMPLEMENTED, [1235, "42000"]],
  [status.INTERNAL, [1815, "HY000"]],
]);

/**
 * A tablet's refusal as a vtgate words it: "target: commerce.0.primary: vttablet: rpc error: code = ...".
 * Tablets put MySQL's own numbers into the text, "(errno 1062) (sqlstate 23000)"; Vitess reads them
 * back with the same pattern.
 */
export function tabletError(target: string, error: ServiceError): SqlError {
  const name = status[error.code] ?? "UNKNOWN";
  const code = name
    .toLowerCase()
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  const message = `target: ${target}: vttablet: rpc error: code = ${code} desc = ${error.details}`;
  const numbers = /\(errno (\d+)\) \(sqlstate ([0-9a-zA-Z]{5})\)/.exec(error.details);
  const [errno, sqlState] = numbers
    ? [Number(numbers[1]), numbers[2] ?? "HY000"]
    : (byCode.get(error.code) ?? [1105, "HY000"]);
  return new SqlError(errno, sqlState, message, { cause: error });
}
