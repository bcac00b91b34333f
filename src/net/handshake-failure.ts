import { X509Certificate } from "node:crypto";
import { DialError } from "./dial-error.js";
import type { Tls } from "./security.js";
import { day } from "./server-certificate.js";

/** The alerts (RFC 8446, 6.2) by which servers say that they want or don't want a client's certificate, as Node names them. */
const OF_CERTIFICATES =
  /ALERT_(CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)$/;

const WANTED_HINT = "Give a certificate and its key, from a CA that the server knows.";

/**
 * Why a handshake failed, by Node's error. What alert a server sends for which reason differs: Go's up to 1.19 sends "bad
 * certificate" for none, an unknown CA and an expired one, later ones and OpenSSL tell them apart.
 */
export function handshakeFailure(error: NodeJS.ErrnoException, tls: Tls): DialError {
  const code = error.code ?? "";
  if (OF_CERTIFICATES.test(code)) {
    const why = alertOf(code);
    if (tls.cert !== undefined) return certificateRefused(tls.cert, "refused", why, error);
    return new DialError(
      "certificate-wanted",
      "TLS",
      `the server wants a client certificate (${why})`,
      WANTED_HINT,
      error,
    );
  }
  if (code.includes("_ALERT_")) {
    return new DialError(
      "handshake",
      "TLS",
      `the server broke off the handshake: ${alertOf(code)}`,
      "Check that it is the server that is meant: it may want a client certificate, or another version of TLS.",
      error,
    );
  }
  const how = code === "ECONNRESET" ? "hung up on the TLS handshake" : "did not answer the TLS handshake with one";
  return new DialError(
    "no-tls",
    "TLS",
    `the server there ${how}: it seems to speak no TLS`,
    "Check the port; if the server has no TLS, give neither https:// nor TLS files.",
    error,
  );
}

/** With TLS 1.3 the client's certificate is judged after the handshake; Node's servers then just hang up. */
export function hungUp(tls: Tls): DialError {
  const why = "it hung up after the handshake";
  if (tls.cert !== undefined) return certificateRefused(tls.cert, "seems to refuse", why);
  return new DialError("handshake", "TLS", `the server there may want a client certificate: ${why}`, WANTED_HINT);
}

function certificateRefused(certificate: Buffer, refuses: string, why: string, cause?: unknown): DialError {
  return new DialError(
    "certificate-refused",
    "TLS",
    `the server ${refuses} our certificate, ${describe(certificate)} (${why})`,
    "It has to be a client's certificate, in date and from a CA that the server knows.",
    cause,
  );
}

function describe(pem: Buffer): string {
  const { subject, issuer, validTo } = new X509Certificate(pem);
  const expired = Date.parse(validTo) < Date.now() ? `, which expired on ${day(validTo)}` : "";
  return `"${oneLine(subject)}" issued by "${oneLine(issuer)}"${expired}`;
}

/** Node puts each part of a name in a line of its own. */
function oneLine(name: string): string {
  return name.replaceAll("\n", ", ");
}

/** ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "certificate required". */
function alertOf(code: string): string {
  return code
    .replace(/^.*_ALERT_/, "")
    .replaceAll("_", " ")
    .toLowerCase();
}
