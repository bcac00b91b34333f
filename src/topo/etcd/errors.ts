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

/**
 * etcd's words for a token that is not valid any more (api/v3rpc/rpctypes/error.go, the same in 3.4 and 3.5). With
 * "simple" tokens it is the first; the second, with "jwt", after any change of users and roles.
 */
const TOKEN_REFUSALS = ["etcdserver: invalid auth token", "etcdserver: revision of auth store is old"];
/** What etcd with users answers to a client that sends no token. */
const NO_USER = "etcdserver: user name is empty";

/**
 * Whether etcd's answer to a user means that he has to log in: again, or for the first time when it was given users
 * meanwhile. Without a token he is nobody, or who his client certificate says.
 */
export function isTokenRefusal(text: string, token: string | undefined): boolean {
  const refusals = token === undefined ? [NO_USER, "etcdserver: permission denied"] : TOKEN_REFUSALS;
  return refusals.some((refusal) => text.includes(refusal));
}

/** Takes the place of etcd's words. */
export const TOKEN_REFUSED = "it does not know our token";

export function wantsNewToken(error: unknown): boolean {
  return error instanceof Error && error.message.includes(TOKEN_REFUSED);
}

/** Turns what etcd3 threw into one of ours; `where` is "etcd at localhost:2379". */
export function fromEtcd(error: unknown, where: string): VtmigrateError {
  if (error instanceof VtmigrateError) return error;
  const details = detailsOf(error);
  switch (grpcCode(error)) {
    case Code.UNAUTHENTICATED:
      return refused(where, details, undefined, error);
    case Code.PERMISSION_DENIED:
      return refused(where, details, PERMISSION_HINT, error);
    case Code.INVALID_ARGUMENT:
      return details === NO_USER
        ? refused(where, "it wants a user and a password", USER_HINT, error)
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

const USER_HINT =
  "Give -topo_etcd_username and -topo_etcd_password_file (of a mount's etcd: -source_topo_username at Mount, and so on).";
const PERMISSION_HINT =
  "A role of that user needs readwrite on all keys below the topology's root (etcdctl role grant-permission --prefix).";

function refused(where: string, details: string, hint: string | undefined, cause: unknown): AuthError {
  return new AuthError(`${where} refused us: ${details}`, { hint, cause });
}

// The sentences are Vitess's own (go/vt/topo/errors.go), with the full key in place of its path.
export const noNode = (key: string) => new NotFoundError(`node doesn't exist: ${key}`);
export const nodeExists = (key: string) => new ConflictError(`node already exists: ${key}`);
export const badVersion = (key: string) => new ConflictError(`bad node version: ${key}`);
