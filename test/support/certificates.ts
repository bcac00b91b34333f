/** Certificates for tests, made when they are wanted: none is stored anywhere. */
import "reflect-metadata";
import { webcrypto } from "node:crypto";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509CrlGenerator,
} from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 24 * 60 * 60 * 1000;

/** PEM texts. */
export interface Certificate {
  cert: string;
  key: string;
}

export interface CertificateWish {
  /** The subject's common name; etcd takes a client's for its user. */
  name: string;
  /** DNS names and IP addresses that it is for. Default: localhost and 127.0.0.1. */
  hosts?: readonly string[];
  /** Its last day is over. */
  expired?: boolean;
  /** Its first day is still to come. */
  early?: boolean;
}

/** A certificate authority of its own. */
export class Authority {
  private serial = 1;

  private constructor(
    private readonly keys: webcrypto.CryptoKeyPair,
    private readonly certificate: X509Certificate,
  ) {}

  static async create(name: string): Promise<Authority> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    const certificate = await X509CertificateGenerator.createSelfSigned(
      {
        serialNumber: "01",
        name: `CN=${name}`,
        ...validity({}),
        signingAlgorithm: ALGORITHM,
        keys,
        extensions: [
          new BasicConstraintsExtension(true, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        ],
      },
      webcrypto,
    );
    return new Authority(keys, certificate);
  }

  /** The authority's own certificate, PEM. */
  get ca(): string {
    return `${this.certificate.toString("pem")}\n`;
  }

  /** A certificate that serves for both ends of a connection. */
  async issue({ name, hosts = ["localhost", "127.0.0.1"], ...days }: CertificateWish): Promise<Certificate> {
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
    this.serial += 1;
    const names = hosts.map((host) => ({
      type: /^[\d.]+$/.test(host) ? ("ip" as const) : ("dns" as const),
      value: host,
    }));
    const certificate = await X509CertificateGenerator.create(
      {
        serialNumber: this.serial.toString(16).padStart(2, "0"),
        subject: `CN=${name}`,
        issuer: this.certificate.subject,
        ...validity(days),
        signingAlgorithm: ALGORITHM,
        publicKey: keys.publicKey,
        signingKey: this.keys.privateKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
          new SubjectAlternativeNameExtension(names),
        ],
      },
      webcrypto,
    );
    const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
    return { cert: `${certificate.toString("pem")}\n`, key: `${PemConverter.encode(key, "PRIVATE KEY")}\n` };
  }

  /** A list, PEM, of the certificates that this authority has taken back. */
  async revoke(...certificates: Certificate[]): Promise<string> {
    const list = await X509CrlGenerator.create(
      {
        issuer: this.certificate.subject,
        thisUpdate: new Date(Date.now() - DAY_MS),
        nextUpdate: new Date(Date.now() + DAY_MS),
        entries: certificates.map(({ cert }) => ({ serialNumber: new X509Certificate(cert).serialNumber })),
        signingAlgorithm: ALGORITHM,
        signingKey: this.keys.privateKey,
      },
      webcrypto,
    );
    // OpenSSL knows no other heading.
    return `${PemConverter.encode(list.rawData, "X509 CRL")}\n`;
  }
}

function validity({ expired, early }: Pick<CertificateWish, "expired" | "early">): { notBefore: Date; notAfter: Date } {
  const now = Date.now();
  const first = early ? now + DAY_MS : now - 3 * DAY_MS;
  const last = expired ? now - DAY_MS : now + 2 * DAY_MS;
  return { notBefore: new Date(first), notAfter: new Date(last) };
}
