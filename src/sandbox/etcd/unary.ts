import { type handleUnaryCall, type ServiceError, status } from "@grpc/grpc-js";
import type { Call } from "./auth/caller.js";
import { EtcdError } from "./errors.js";

/** A unary handler from a function; an EtcdError becomes its gRPC status. */
export function unary<Request, Response>(
  handle: (request: Request, call: Call) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => handle(call.request, call))
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(grpcStatus(error)),
      );
  };
}

/** What grpc-js sends as a call's end. */
export function grpcStatus(error: unknown): Pick<ServiceError, "code" | "details"> {
  if (error instanceof EtcdError) {
    return { code: error.code, details: error.details };
  }
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) };
}
