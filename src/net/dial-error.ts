import { AuthError, type Layer, UnreachableError, type VtmigrateError } from "../errors.js";

/** What kept a connection from being opened. A caller that has settings for one of these can name them. */
export type DialCode =
  | "unresolved"
  | "refused"
  | "silent"
  /** Any other failure below TLS. */
  | "network"
  | "unknown-ca"
  | "wrong-name"
  | "out-of-date"
  | "revoked"
  /** The server's certificate is bad in some other way. */
  | "bad-certificate"
  /** The server wants a certificate of ours. */
  | "certificate-wanted"
  /** The server refuses the certificate that it was shown. */
  | "certificate-refused"
  /** Our own certificate, key, CA or list is none. */
  | "bad-files"
  | "no-tls"
  | "tls-wanted"
  /** Any other failure of the handshake. */
  | "handshake";

export class DialError extends Error {
  override readonly name = "DialError";

  constructor(
    readonly code: DialCode,
    readonly layer: Exclude<Layer, "RPC">,
    /** To follow "...: ", without a full stop: "connection refused". */
    readonly reason: string,
    /** A sentence. */
    readonly hint: string,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }

  /**
   * As the user meets it: AuthError (TLS) or UnreachableError. `sentence` says what could not be done, "cannot reach etcd
   * at localhost:2379".
   */
  at(address: string, sentence: string, hint = this.hint): VtmigrateError {
    const Kind = this.layer === "TLS" && this.code !== "silent" ? AuthError : UnreachableError;
    return new Kind(`${sentence}: ${this.reason} (${this.layer})`, {
      hint,
      at: { address, layer: this.layer },
      cause: this,
    });
  }
}
