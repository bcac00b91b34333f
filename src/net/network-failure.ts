import { DialError } from "./dial-error.js";

const HINT = "Check the address, and that this machine can reach it.";

/** Failures of the network below TLS, by Node's error codes. */
export function networkFailure(error: NodeJS.ErrnoException): DialError {
  switch (error.code) {
    case "ENOTFOUND":
      return new DialError("unresolved", "DNS", "the name does not resolve", HINT, error);
    case "EAI_AGAIN":
      return new DialError(
        "unresolved",
        "DNS",
        "the name does not resolve, the name server did not answer",
        HINT,
        error,
      );
    case "ECONNREFUSED":
      return new DialError("refused", "TCP", "connection refused", HINT, error);
    case "EHOSTUNREACH":
      return new DialError("network", "TCP", "no route to the host", HINT, error);
    case "ENETUNREACH":
      return new DialError("network", "TCP", "no route to the network", HINT, error);
    default:
      // The error of a name with several addresses has an empty message.
      return new DialError("network", "TCP", error.message || (error.code ?? "no connection"), HINT, error);
  }
}

export function timeUp(ms: number, layer: "TCP" | "TLS"): DialError {
  return new DialError("silent", layer, `no answer within ${ms / 1000} s`, HINT);
}
