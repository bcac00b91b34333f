import type { DetailedPeerCertificate, TLSSocket } from "node:tls";
import { DialError } from "./dial-error.js";

/**
 * What is wrong with the certificate that a server showed; undefined when nothing is. `host` is the name that was looked
 * for in it. The socket's handshake is over, and it was opened with `rejectUnauthorized: false`: an error that Node
 * throws by itself doesn't tell whose certificate it was.
 */
export function judgeServer(socket: TLSSocket, host: string): DialError | undefined {
  if (socket.authorized) return undefined;
  // Node's declaration says Error, and it is the error's code.
  const code = String(socket.authorizationError);
  const chain = chainOf(socket);
  const bad = (kind: DialError["code"], reason: string, hint: string) => new DialError(kind, "TLS", reason, hint, code);
  const [leaf] = chain;
  switch (code) {
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return bad(
        "unknown-ca",
        `the server's certificate comes from an unknown CA, "${nameOf(chain.at(-1)?.issuer)}"`,
        "Give that CA's certificate, or check that the server is the right one.",
      );
    case "CERT_SIGNATURE_FAILURE":
      return bad(
        "unknown-ca",
        `the server's certificate comes from another CA of the name "${nameOf(leaf?.issuer)}" than the one that was given`,
        "Give that CA's certificate, or check that the server is the right one.",
      );
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return bad(
        "unknown-ca",
        `the server's certificate is its own CA ("${nameOf(leaf?.subject)}", self-signed), and not a known one`,
        "Give that certificate as the CA, or check that the server is the right one.",
      );
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return bad(
        "wrong-name",
        `the server's certificate is for ${altNames(leaf)}, not for ${host}`,
        "Use an address with one of those names, or have a certificate made for this one.",
      );
    case "CERT_HAS_EXPIRED":
      return bad(
        "out-of-date",
        `the server's certificate expired on ${expiry(chain)}`,
        "It has to be renewed, unless this machine's clock is wrong.",
      );
    case "CERT_NOT_YET_VALID":
      return bad(
        "out-of-date",
        `the server's certificate is not valid before ${day(leaf?.valid_from)}`,
        "Check this machine's clock, and the server's certificate.",
      );
    case "CERT_REVOKED":
      return bad(
        "revoked",
        `the server's certificate (serial number ${leaf?.serialNumber}) is revoked`,
        "The server needs a new one; the list of revoked certificates names this one.",
      );
    case "UNABLE_TO_GET_CRL":
      return bad(
        "revoked",
        `the list of revoked certificates is not from the CA of the server's certificate, "${nameOf(leaf?.issuer)}"`,
        "With a list, each CA of the server's certificate has to have one in it.",
      );
    case "CRL_HAS_EXPIRED":
      return bad("revoked", "the list of revoked certificates is out of date", "Get a new one from the CA.");
    default:
      return bad(
        "bad-certificate",
        `the server's certificate was not accepted: ${code}`,
        "Check the server's certificate.",
      );
  }
}

/** From the server's own certificate towards its CA, as far as they were sent or are known. */
function chainOf(socket: TLSSocket): DetailedPeerCertificate[] {
  const chain: DetailedPeerCertificate[] = [];
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  // The last one is its own issuer.
  while (next?.raw !== undefined && !chain.includes(next)) {
    chain.push(next);
    next = next.issuerCertificate;
  }
  return chain;
}

function nameOf(name: DetailedPeerCertificate["subject"] | undefined): string {
  const [first] = [name?.CN ?? name?.O].flat();
  return first ?? "without a name";
}

/** "DNS:localhost, IP Address:127.0.0.1" as "localhost, 127.0.0.1". */
function altNames(certificate: DetailedPeerCertificate | undefined): string {
  const names = certificate?.subjectaltname?.replace(/(DNS|IP Address|URI|email):/g, "");
  return names ?? `no name at all but its subject, "${nameOf(certificate?.subject)}"`;
}

/** Any of the chain may be the one. */
function expiry(chain: DetailedPeerCertificate[]): string {
  return day(chain.map((one) => one.valid_to).find((end) => Date.parse(end) < Date.now()));
}

/** "2021-01-01". */
export function day(time: string | undefined): string {
  return time === undefined ? "an unknown day" : new Date(time).toISOString().slice(0, 10);
}
