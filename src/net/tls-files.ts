import { readFileSync } from "node:fs";
import { DialError } from "./dial-error.js";
import type { Tls } from "./security.js";

/** What OpenSSL would take without a word, and not use. DialError. */
export function checkFiles({ ca, cert, key }: Tls): void {
  if ((cert === undefined) !== (key === undefined)) throw badFiles(new Error("a certificate and its key go together"));
  if (ca?.includes("-----BEGIN ") === false) throw badFiles(new Error("there is no certificate in the CA's file"));
}

/** What OpenSSL does not take. */
export function badFiles(error: unknown): DialError {
  const why = error instanceof Error ? error.message.replace(/^error:[^:]*:([^:]*:)?:?/, "") : String(error);
  return new DialError(
    "bad-files",
    "TLS",
    `our own certificate, key, CA or list of revoked certificates can't be used: ${why}`,
    "All of them have to be PEM files, and the key the certificate's own.",
    error,
  );
}

/** grpc-js takes this file's certificates in place of Node's own, where no CA is given. */
export function grpcRoots(): Buffer | undefined {
  const path = process.env.GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;
  return path ? readFileSync(path) : undefined;
}
