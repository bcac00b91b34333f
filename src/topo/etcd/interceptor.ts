import type { Interceptor, StatusObject } from "@grpc/grpc-js";
import { Code, isTokenRefusal, TOKEN_REFUSED } from "./errors.js";
import { loadGrpc } from "./library.js";
import { describeAccess } from "./permission.js";
import type { Token } from "./token.js";

const AUTHENTICATE = "/etcdserverpb.Auth/Authenticate";

/**
 * Sends the token along with every call, unary ones and streams, and words etcd's refusals: a token that is not valid (any
 * more) is discarded, and called so in words that etcd3 doesn't know; a denied permission names the user and the keys, which
 * etcd doesn't. `who` is as `describeUser` says.
 */
export function authInterceptor(token: Token, who: string): Interceptor {
  const { InterceptingCall } = loadGrpc();
  return (options, nextCall) => {
    if (options.method_definition.path === AUTHENTICATE) return new InterceptingCall(nextCall(options));
    let sent: string | undefined;
    let request: object = {};
    const worded = (status: StatusObject): StatusObject => {
      if (token.isWanted && isTokenRefusal(status.details, sent)) {
        token.discard(sent);
        return { ...status, code: Code.UNAUTHENTICATED, details: TOKEN_REFUSED };
      }
      if (status.code !== Code.PERMISSION_DENIED) return status;
      return {
        ...status,
        details: `permission denied: ${who} may not ${describeAccess(options.method_definition.path, request)}`,
      };
    };
    return new InterceptingCall(nextCall(options), {
      start(metadata, _, next) {
        sent = token.current;
        if (sent !== undefined) metadata.set("token", sent);
        next(metadata, { onReceiveStatus: (status, pass) => pass(worded(status)) });
      },
      sendMessage(message, next) {
        request = message;
        next(message);
      },
    });
  };
}
