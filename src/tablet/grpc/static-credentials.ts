import type { Metadata } from "@grpc/grpc-js";
import { AuthError } from "../../errors.js";
import type { Login } from "../../net/security.js";
import { grpc } from "./channel.js";

/** gRPC's metadata are HTTP headers. */
const SENDABLE = /^(?! )[\x20-\x7e]*(?<! )$/;

/**
 * What goes with each call: static credentials as Vitess's clients send them (go/vt/grpcclient/client_auth_static.go).
 * AuthError for a user or a password that can't be sent; the library's own error would show it.
 */
export function callMetadata(login: Login | undefined): Metadata {
  const { Metadata } = grpc();
  const metadata = new Metadata();
  if (login === undefined) return metadata;
  for (const name of ["username", "password"] as const) {
    if (!SENDABLE.test(login[name])) {
      throw new AuthError(`the ${name} for tablets has characters that gRPC can't send`, {
        hint: "It may have printable ASCII, and no blank at either end.",
      });
    }
    metadata.set(name, login[name]);
  }
  return metadata;
}
