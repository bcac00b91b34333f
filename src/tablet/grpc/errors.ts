import type { ServiceError } from "@grpc/grpc-js";
import {
  AuthError,
  ConflictError,
  FailedError,
  InterruptedError,
  type Layer,
  NotFoundError,
  StillRunningError,
  UnreachableError,
  VtmigrateError,
} from "../../errors.js";
import { interruption } from "../../interruption.js";
import { NoSuchCallError, type TabletRecord } from "../port.js";
import { grpc } from "./channel.js";
import { credentialsFlag } from "./flags.js";

export interface FailedCall {
  record: TabletRecord;
  method: string;
  timeoutMs: number;
  /** The call waits for the cluster to get somewhere: its deadline doesn't mean that nobody answers. */
  waits?: boolean;
  signal?: AbortSignal;
}

const UNREACHABLE_HINT =
  "The address comes from the tablet's record in the topology: this machine must reach it, and the tablet must be up.";

/** A failed call as one of src/errors.ts. The only place that looks at gRPC codes and tablets' texts. */
export function toTabletError(error: unknown, call: FailedCall): VtmigrateError {
  if (error instanceof VtmigrateError) return error;
  if (call.signal?.aborted) return interruption(call.signal);
  const { status } = grpc();
  const { code, details } = asServiceError(error);
  // Node's HTTP/2 drops a text that ends in a blank, which Go sends as it is.
  const sentence = tabletSentence(details) || `${call.method} failed, and its text got lost`;
  const name = `tablet ${call.record.alias}`;
  const answered = call.method === "VDiff" ? vdiffAnswer(call, sentence, error) : undefined;
  if (answered !== undefined) return answered;
  switch (code) {
    case status.UNIMPLEMENTED:
      return new NoSuchCallError(`${name} has no ${call.method}: its Vitess is too old or too new for it`, "rpc", {
        cause: error,
      });
    case status.UNAUTHENTICATED:
    case status.PERMISSION_DENIED:
      return new AuthError(`${name} at ${call.record.grpcAddress} refused: ${sentence}`, {
        hint: credentialsHint(call.record, sentence),
        at: { address: call.record.grpcAddress, layer: "RPC" },
        cause: error,
      });
    case status.DEADLINE_EXCEEDED:
      return call.waits
        ? stillWaiting(call, error)
        : unreachable(call, `no answer within ${seconds(call.timeoutMs)}`, error);
    case status.UNAVAILABLE:
      if (/certificate|\bSSL\b|\bTLS\b/i.test(sentence)) {
        return new AuthError(`${name} at ${call.record.grpcAddress}: ${sentence}`, {
          at: { address: call.record.grpcAddress, layer: "TLS" },
          cause: error,
        });
      }
      return unreachable(call, connectionTrouble(sentence), error, layerOf(sentence));
    case status.CANCELLED:
      return new InterruptedError(`${call.method} on ${name} was cancelled`, { cause: error });
    case status.FAILED_PRECONDITION:
      return new ConflictError(`${name}: ${sentence}`, { cause: error });
    default:
      if (call.waits && /^error waiting for pos|context deadline exceeded|timed out waiting for pos/.test(sentence)) {
        return stillWaiting(call, error);
      }
      return new FailedError(`${name}: ${sentence}`, { cause: error });
  }
}

/**
 * What the VDiff RPC answers (go/vt/vttablet/tabletmanager/vdiff/action.go, v14 to v22). Its codes tell nothing: all of it
 * comes as UNKNOWN (measured on v18.0.8 and v22.0.3).
 */
function vdiffAnswer(call: FailedCall, sentence: string, cause: unknown): VtmigrateError | undefined {
  const message = `tablet ${call.record.alias}: ${sentence}`;
  if (/^vdiff engine is (closed|still trying to open)/.test(sentence)) {
    return new UnreachableError(message, {
      hint: "It is not the primary any more, or not yet: try again in a moment.",
      cause,
    });
  }
  if (/^no vdiff found for (UUID|keyspace) |^vdiff with UUID \S+ not found on tablet/.test(sentence)) {
    return new NotFoundError(message, { cause });
  }
  if (/^vdiff with UUID \S+ already exists|^no completed or stopped vdiff found/.test(sentence)) {
    return new ConflictError(message, { cause });
  }
  if (/^action \S+ not supported/.test(sentence)) return new NoSuchCallError(message, "action", { cause });
  return undefined;
}

/** What the static plugin answers (go/vt/servenv/grpc_server_auth_static.go, v11 to v22); of other plugins nothing is known. */
function credentialsHint(record: TabletRecord, sentence: string): string | undefined {
  if (sentence === "username and password must be provided") {
    return `${credentialsFlag(record)} names the JSON file with Username and Password, as Vitess has it.`;
  }
  if (/^auth failure: caller .* provided invalid credentials$/.test(sentence)) {
    return `Check the user and the password in the file that ${credentialsFlag(record)} names.`;
  }
  return undefined;
}

function layerOf(text: string): Layer {
  if (/\bE(NOTFOUND|AI_AGAIN)\b|^Name resolution failed/.test(text)) return "DNS";
  return /\bE(CONNREFUSED|HOSTUNREACH|NETUNREACH|TIMEDOUT)\b/.test(text) ? "TCP" : "RPC";
}

/** grpc-js's account of a connection that could not be made, in a few words; anything else as it is. */
function connectionTrouble(text: string): string {
  if (/\bECONNREFUSED\b/.test(text)) return "connection refused";
  if (/\bE(NOTFOUND|AI_AGAIN)\b|^Name resolution failed/.test(text)) return "the name does not resolve";
  const last = /^No connection established\. Last error: (?:Error: )?([\s\S]*?)(?:\. Resolution note: .*)?$/.exec(text);
  return last?.[1] ?? text;
}

/**
 * The tablet's own words without the wrapping of go/vt/vttablet/tabletmanager/rpc_server.go: v22
 * "TabletManager.X on zone1-1: text", v11 to v18 "TabletManager.X on zone1-1 error: text: text"; and of
 * go/vt/vttablet/grpctmserver/server.go, where the text of ExecuteFetch's errors is "rpc error: code = Unknown desc = text".
 */
function tabletSentence(details: string): string {
  const wrapped = /^TabletManager\.\w+ on \S+?( error)?: ([\s\S]*)$/.exec(details);
  if (wrapped === null) return details;
  const [, doubled, text = ""] = wrapped;
  const half = (text.length - 2) / 2;
  const once = doubled !== undefined && text.slice(0, half) === text.slice(half + 2) ? text.slice(0, half) : text;
  return once.replace(/^rpc error: code = \w+ desc = /, "");
}

export function unreachable(
  call: Pick<FailedCall, "record">,
  why: string,
  cause?: unknown,
  layer: Layer = "RPC",
): UnreachableError {
  const { alias, grpcAddress } = call.record;
  return new UnreachableError(`tablet ${alias} at ${grpcAddress} doesn't answer: ${why}`, {
    hint: UNREACHABLE_HINT,
    at: { address: grpcAddress, layer },
    cause,
  });
}

/** A tablet that ends in an orderly way takes its host and its ports out of its record (tabletmanager/tm_init.go, Close). */
export function shutDown({ alias }: TabletRecord): UnreachableError {
  return new UnreachableError(`tablet ${alias} was shut down: its record in the topology has no address`, {
    hint: "Start it again: it writes its address when it starts.",
  });
}

function stillWaiting(call: FailedCall, cause: unknown): StillRunningError {
  return new StillRunningError(
    `tablet ${call.record.alias} has not reached the position within ${seconds(call.timeoutMs)}`,
    { cause },
  );
}

function asServiceError(error: unknown): Pick<ServiceError, "code" | "details"> {
  if (error instanceof Error && "code" in error && typeof error.code === "number") {
    return { code: error.code, details: "details" in error ? String(error.details) : error.message };
  }
  return { code: grpc().status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
}

/** What is left of a longer wait, a millisecond after it began, has fractions that nobody wants to read: "3 s", not "2.999 s". */
export function seconds(ms: number): string {
  return `${ms < 1000 ? Math.round(ms) / 1000 : Math.round(ms / 100) / 10} s`;
}
