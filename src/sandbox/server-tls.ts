import { ServerCredentials } from "@grpc/grpc-js";

/** What a server shows and asks for: PEM texts. */
export interface ServerTls {
  cert: string;
  key: string;
  /** With it, every client has to show a certificate that this authority has signed. */
  clientCa?: string;
}

/** Without `tls` in the clear. */
export function serverCredentials(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { cert, key, clientCa } = tls;
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  const authority = clientCa === undefined ? null : Buffer.from(clientCa);
  return ServerCredentials.createSsl(authority, [pair], clientCa !== undefined);
}
