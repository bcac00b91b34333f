import { DialError } from "./dial-error.js";
import { type DialOptions, type DialTarget, greet } from "./greet.js";
import { hungUp } from "./handshake-failure.js";
import type { Tls } from "./security.js";

/**
 * Opens and closes a connection of the kind that a gRPC client will open, TCP or (with `tls`) TLS: grpc-js tells too
 * little of why it has none. Resolves when it was open and the server didn't object; that HTTP/2 is spoken there isn't
 * promised, which a call will find out. Rejects with a DialError, or with the signal's reason.
 */
export async function dial(target: DialTarget, tls: Tls | undefined, options: DialOptions): Promise<void> {
  const started = performance.now();
  const answer = await greet(target, tls, options);
  if (tls !== undefined) {
    if (answer === "hung up") throw hungUp(tls);
    return;
  }
  if (answer === "http2" || answer === "nothing") return;
  const left = options.timeoutMs - (performance.now() - started);
  if (await speaksTls(target, { ...options, timeoutMs: left })) {
    throw new DialError(
      "tls-wanted",
      "TLS",
      "the server there wants TLS",
      "Write https:// in front, or give TLS files.",
    );
  }
}

/** A handshake that fails by its certificates is one, too. */
async function speaksTls(target: DialTarget, options: DialOptions): Promise<boolean> {
  try {
    await greet(target, {}, options);
    return true;
  } catch (error) {
    if (!(error instanceof DialError)) throw error;
    return error.layer === "TLS" && error.code !== "no-tls" && error.code !== "silent";
  }
}
