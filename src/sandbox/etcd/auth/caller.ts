import type { PeerCertificate } from "node:tls";
import type { Metadata } from "@grpc/grpc-js";
import { errors } from "../errors.js";
import type { Auth } from "./auth.js";
import { type Access, keys } from "./permission.js";

/** A call as far as it tells who makes it; each of grpc-js's server calls is one. */
export interface Call {
  readonly metadata: Metadata;
  getAuthContext(): { sslPeerCertificate?: Pick<PeerCertificate, "subject"> };
}

/** Who makes a call, and what he may do (auth/store.go, AuthInfoFromCtx and isOpPermitted, v3.5). */
export class Caller {
  private constructor(
    private readonly auth: Auth,
    /** Undefined: he didn't say. */
    readonly name: string | undefined,
  ) {}

  /** By his token, or else by his certificate's common name (--client-cert-auth). Errors: invalidAuthToken. */
  static of(call: Call, auth: Auth): Caller {
    if (!auth.enabled) {
      return new Caller(auth, undefined);
    }
    const [token] = call.metadata.get("token");
    if (token === undefined) {
      return new Caller(auth, certificateName(call));
    }
    const name = auth.tokens.userOf(token.toString());
    if (name === undefined) {
      throw errors.invalidAuthToken();
    }
    return new Caller(auth, name);
  }

  /** Errors: userEmpty, permissionDenied. */
  checkAccess(access: Access, key: Buffer, rangeEnd?: Buffer): void {
    if (!this.auth.enabled) {
      return;
    }
    if (this.name === undefined) {
      throw errors.userEmpty();
    }
    if (!this.auth.mayAccess(this.name, keys(key, rangeEnd), access)) {
      throw errors.permissionDenied();
    }
  }

  /** Errors: userEmpty. */
  checkKnown(): void {
    if (this.auth.enabled && this.name === undefined) {
      throw errors.userEmpty();
    }
  }

  /** Errors: userEmpty, userNotFound, permissionDenied. */
  checkAdmin(): void {
    if (!this.auth.enabled) {
      return;
    }
    if (this.name === undefined || this.name === "") {
      throw errors.userEmpty();
    }
    if (!this.auth.users.has(this.name)) {
      throw errors.userNotFound();
    }
    if (!this.auth.users.isRoot(this.name)) {
      throw errors.permissionDenied();
    }
  }

  get isAdmin(): boolean {
    return !this.auth.enabled || (this.name !== undefined && this.auth.users.isRoot(this.name));
  }
}

/** Undefined without a certificate, empty for one without a common name; Go takes the last of several. */
function certificateName(call: Call): string | undefined {
  const { sslPeerCertificate: certificate } = call.getAuthContext();
  return certificate && ([certificate.subject.CN].flat().at(-1) ?? "");
}
