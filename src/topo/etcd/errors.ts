import {
  AuthError,
  ConflictError,
  FailedError,
  NotFoundError,
  UnreachableError,
  VtmigrateError,
} from "../../errors.js";

/** gRPC status codes that etcd answers with (grpc/status.h). */
export const Code = {
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** After one of these the server has said no; after any other a request may have been carried out. */
const REFUSALS = new Set<number>([
  Code.INVALID_ARGUMENT,
  Code.NOT_FOUND,
  Code.ALREADY_EXISTS,
  Code.PERMISSION_DENIED,
  Code.RESOURCE_EXHAUSTED,
  Code.FAILED_PRECONDITION,
  Code.OUT_OF_RANGE,
  Code.UNIMPLEMENTED,
  Code.UNAUTHENTICATED,
]);

/**
 * The gRPC code of an error. etcd3 1.1.2 turns grpc-js's errors into classes of its own and drops their
 * `code` (lib/errors.js, castGrpcError), but keeps grpc-js's message, which starts with the number.
 */
export function grpcCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "number") return error.code;
  const number = /^(\d{1,2}) [A-Z_]+:/.exec(error.message)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** The sentence without grpc-js's "14 UNAVAILABLE: " in front. */
export function detailsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^\d{1,2} [A-Z_]+: /, "");
}

/** Whether the request may have reached the server and may have been carried out. */
export function isAmbiguous(error: unknown): boolean {
  if (error instanceof VtmigrateError) return false;
  const code = grpcCode(error);
  return code === undefined ? false : !REFUSALS.has(code);
}

/** Turns what etcd3 threw into one of ours; `where` is "etcd at localhost:2379". */
export function fromEtcd(error: unknown, where: string): VtmigrateError {
  if (error instanceof VtmigrateError) return error;
  const details = detailsOf(error);
  switch (grpcCode(error)) {
    case Code.UNAUTHENTICATED:
    case Code.PERMISSION_DENIED:
      return refused(where, details, error);
    case Code.INVALID_ARGUMENT:
      // What an etcd with authentication switched on answers to a client without a token (etcd 3.4, rpctypes/error.go).
      return details.includes("user name is empty")
        ? refused(where, details, error)
        : new FailedError(`${where}: ${details}`, { cause: error });
    case Code.UNIMPLEMENTED:
      return new UnreachableError(`${where}: the server there is not an etcd v3 (${details})`, {
        cause: error,
      });
    case Code.DEADLINE_EXCEEDED:
      return new UnreachableError(`${where} did not answer in time`, { cause: error });
    case undefined:
      return new FailedError(`${where}: ${details}`, { cause: error });
    default:
      return isAmbiguous(error)
        ? new UnreachableError(`lost contact with ${where}: ${details}`, { cause: error })
        : new FailedError(`${where}: ${details}`, { cause: error });
  }
}

function refused(where: string, details: string, cause: unknown): AuthError {
  return new AuthError(`${where} refused us: ${details}`, { cause });
}

// The sentences are Vitess's own (go/vt/topo/errors.go), with the full key in place of its path.
export const noNode = (key: string) => new NotFoundError(`node doesn't exist: ${key}`);
export const nodeExists = (key: string) => new ConflictError(`node already exists: ${key}`);
export const badVersion = (key: string) => new ConflictError(`bad node version: ${key}`);
