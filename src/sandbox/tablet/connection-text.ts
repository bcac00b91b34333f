const HANDSHAKE = "transport: authentication handshake failed: tls:";
const CERTIFICATE = `${HANDSHAKE} failed to verify certificate: x509:`;

/** grpc-js's words, which are OpenSSL's and Node's, and what Go says; `$1` is what the first group found. */
const WORDS: readonly [RegExp, string][] = [
  [
    /unable to (?:verify the first|get (?:local )?issuer) certificate|self-signed certificate/,
    `${CERTIFICATE} certificate signed by unknown authority`,
  ],
  [
    /Host: (\S+?)\.? is not in the cert's altnames: (.*?)\. Resolution note/,
    `${CERTIFICATE} certificate is valid for $2, not $1`,
  ],
  [
    /IP: (\S+) is not in the cert's list: \. Resolution note/,
    `${CERTIFICATE} cannot validate certificate for $1 because it doesn't contain any IP SANs`,
  ],
  [
    /IP: (\S+) is not in the cert's list: (.+?)\. Resolution note/,
    `${CERTIFICATE} certificate is valid for $2, not $1`,
  ],
  [/certificate has expired/, `${CERTIFICATE} certificate has expired or is not yet valid`],
  [/wrong version number/, `${HANDSHAKE} first record does not look like a TLS handshake`],
  [/tlsv13 alert certificate required/, "error reading server preface: remote error: tls: certificate required"],
  [/alert unknown ca/, "error reading server preface: remote error: tls: unknown certificate authority"],
  [/^Failed to connect/, "error reading server preface: EOF"],
  [/connect ECONNREFUSED (\S+?)\. /, "transport: Error while dialing: dial tcp $1: connect: connection refused"],
];

/**
 * A connection that could not be made, told as Go's gRPC tells it: such sentences stand in a stream's row. Unknown CA,
 * names and the missing preface as measured on v18.0.8, the rest as crypto/tls and crypto/x509 have it.
 */
export function connectionText(details: string): string {
  const failure = /^No connection established\. Last error: (?:Error(?: \[\w+\])?: )?([\s\S]*)$/.exec(details)?.[1];
  if (failure === undefined) return details;
  for (const [pattern, words] of WORDS) {
    const match = pattern.exec(failure);
    if (match === null) continue;
    const text = words.replace(/\$(\d)/g, (_, group) => match[Number(group)] ?? "");
    return `connection error: desc = "${text.replaceAll(/(?:DNS|IP Address):/g, "")}"`;
  }
  return details;
}
