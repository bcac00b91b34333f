/** How the tablet manager words errors (go/vt/vttablet/tabletmanager/rpc_server.go, HandleRPCPanic). */
import { status } from "@grpc/grpc-js";
import { errorText, TabletError } from "../errors.js";
import type { Call, UnaryMethod } from "../server.js";
import type { TabletState } from "../state.js";

/**
 * The method under the name that its errors carry. Nearly all are UNKNOWN: only the ExecuteFetch family hands on the code
 * that an error has (go/vt/vttablet/grpctmserver/server.go).
 */
export function managed<Request, Response>(
  state: TabletState,
  name: string,
  method: UnaryMethod<Request, Response>,
): UnaryMethod<Request, Response> {
  return async (request: Request, call: Call) => {
    try {
      return await method(request, call);
    } catch (error) {
      const code = error instanceof TabletError ? error.code : status.UNKNOWN;
      const text = errorText(error);
      const where = `TabletManager.${name} on ${state.alias}`;
      throw new TabletError(
        code,
        state.profile.errorText === "once" ? `${where}: ${text}` : `${where} error: ${text}: ${text}`,
      );
    }
  };
}
