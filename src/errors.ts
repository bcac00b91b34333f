/**
 * Every failure a user can meet: a stable code, a sentence, a hint, and the process's exit code.
 * Adapters (etcd, gRPC, files) turn foreign errors into these; nothing above them looks at message texts.
 */

/** How far a connection got: name, connection, encryption, or the answer to a call. */
export type Layer = "DNS" | "TCP" | "TLS" | "RPC";

export interface ErrorDetails {
  /** What the user can do about it; one sentence, printed on a line of its own. */
  hint?: string | undefined;
  /** Where it failed, when somebody at an address didn't answer as wanted. */
  at?: { address: string; layer: Layer } | undefined;
  cause?: unknown;
}

export abstract class VtmigrateError extends Error {
  abstract readonly code: string;
  abstract readonly exitCode: number;
  readonly hint: string | undefined;
  readonly at: ErrorDetails["at"];

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
    this.at = details.at;
  }
}

/** The operation was understood and attempted, and did not work. */
export class FailedError extends VtmigrateError {
  readonly code = "failed";
  readonly exitCode = 1;
}

/** Unknown flags, missing arguments, files that can't be parsed: nothing was attempted. */
export class UsageError extends VtmigrateError {
  readonly code = "usage";
  readonly exitCode = 2;
}

/** Credentials or certificates were refused. */
export class AuthError extends VtmigrateError {
  readonly code = "auth";
  readonly exitCode = 4;
}

/** A topology server or a tablet doesn't answer, or isn't one. */
export class UnreachableError extends VtmigrateError {
  readonly code = "unreachable";
  readonly exitCode = 5;
}

export class NotFoundError extends VtmigrateError {
  readonly code = "not-found";
  readonly exitCode = 6;
}

/** It exists already, somebody else holds it, or it is in the wrong state. */
export class ConflictError extends VtmigrateError {
  readonly code = "conflict";
  readonly exitCode = 7;
}

/** The time was up while the cluster is still at work; nothing is broken. */
export class StillRunningError extends VtmigrateError {
  readonly code = "still-running";
  readonly exitCode = 8;
}

/** A check that runs before anything is changed said no. */
export class PreflightError extends VtmigrateError {
  readonly code = "preflight";
  readonly exitCode = 9;
}

export class InterruptedError extends VtmigrateError {
  readonly code = "interrupted";
  readonly exitCode = 130;
}
