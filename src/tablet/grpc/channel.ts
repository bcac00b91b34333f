import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";
import type { Tls } from "../../net/security.js";
import { secureContext } from "./secure-context.js";

let library: typeof Grpc | undefined;

/** grpc-js, loaded when the first tablet is opened: commands that print help must not pay for it. */
export function grpc(): typeof Grpc {
  library ??= createRequire(import.meta.url)("@grpc/grpc-js") as typeof Grpc;
  return library;
}

const MESSAGE_BYTES = 64 * 1024 * 1024;

const CHANNEL_OPTIONS = {
  // Vitess's own limit is 16 MiB; a schema of thousands of tables passes grpc-js's 4 MiB.
  "grpc.max_receive_message_length": MESSAGE_BYTES,
  "grpc.max_send_message_length": MESSAGE_BYTES,
  // Of a stream, on its way: at HTTP/2's own 64 KiB a tablet that is 5 ms away would send no more than 13 MB a second.
  "grpc-node.flow_control_window": 512 * 1024,
  // The proxy variables of the environment are meant for HTTP, and grpc-js obeys them even for localhost.
  "grpc.enable_http_proxy": 0,
  // Above the 10 s that Vitess's servers tolerate (grpc_server_keepalive_enforcement_policy_min_time).
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 15_000,
  // An insert that may have arrived must not be sent again.
  "grpc.enable_retries": 0,
} satisfies Grpc.ChannelOptions;

/** In the clear without `tls`. AuthError for certificates or a key that can't be used. */
export function openClient(address: string, tls?: Tls): Grpc.Client {
  const { Client, credentials } = grpc();
  if (tls === undefined) return new Client(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  const { serverName } = tls;
  return new Client(address, credentials.createFromSecureContext(secureContext(tls)), {
    ...CHANNEL_OPTIONS,
    ...(serverName && { "grpc.ssl_target_name_override": serverName, "grpc.default_authority": serverName }),
  });
}

/**
 * Waits until the channel has a connection or has failed to get one. grpc-js alone would let a call to a
 * host that swallows packets wait for the call's whole deadline.
 */
export async function settleConnection(
  channel: ReturnType<Grpc.Client["getChannel"]>,
  timeoutMs: number,
): Promise<"ready" | "failed" | "silent"> {
  const { connectivityState } = grpc();
  const endsAt = Date.now() + timeoutMs;
  let state = channel.getConnectivityState(true);
  while (state !== connectivityState.READY) {
    if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN) return "failed";
    const before = state;
    const inTime = await new Promise<boolean>((resolve) =>
      channel.watchConnectivityState(before, endsAt, (error) => resolve(error === undefined || error === null)),
    );
    if (!inTime) return "silent";
    state = channel.getConnectivityState(true);
  }
  return "ready";
}
