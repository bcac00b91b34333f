import { createSecureContext } from "node:tls";
import {
  type ChannelCredentials,
  type ClientOptions,
  credentials,
  InterceptingCall,
  type Interceptor,
} from "@grpc/grpc-js";
import type { Login, TabletSecurity, Tls } from "../net/security.js";

/**
 * What a client of a tablet's TabletManager ("manager") or Query service is made with: the process's TLS for that service,
 * and its static credentials with every call.
 */
export function tabletConnection(
  { login, ...security }: TabletSecurity,
  service: "manager" | "query",
): { credentials: ChannelCredentials; options: ClientOptions } {
  const tls = security[service];
  return {
    credentials: tls === undefined ? credentials.createInsecure() : secure(tls),
    options: {
      "grpc.enable_http_proxy": 0,
      ...(tls?.serverName && { "grpc.ssl_target_name_override": tls.serverName }),
      ...(login && { interceptors: [authenticating(login)] }),
    },
  };
}

function secure({ serverName: _, ...material }: Tls): ChannelCredentials {
  return credentials.createFromSecureContext(createSecureContext(material));
}

function authenticating({ username, password }: Login): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set("username", username);
        metadata.set("password", password);
        next(metadata, listener);
      },
    });
}
