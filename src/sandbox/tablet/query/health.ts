/** StreamHealth: the tablet's state at once, on every change, and every few seconds. */
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { abortable } from "../gate.js";
import type { StreamMethod } from "../server.js";
import type { TabletState } from "../state.js";

export function streamHealth(
  state: TabletState,
): StreamMethod<MessageOutput<"query.StreamHealthRequest">, MessageInput<"query.StreamHealthResponse">> {
  return async (_request, { signal, send }) => {
    for (;;) {
      await send(health(state));
      await nextReport(state, signal);
    }
  };
}

function health(state: TabletState): MessageInput<"query.StreamHealthResponse"> {
  const { cell, uid, keyspace, shard } = state.identity;
  const lag = state.type === "REPLICA" ? Math.floor(state.lagMs / 1000) : 0;
  return {
    target: { keyspace, shard, tablet_type: state.type },
    serving: state.replicationError === "",
    primary_term_start_timestamp: state.primaryTermStart,
    realtime_stats: { replication_lag_seconds: lag, health_error: state.replicationError },
    tablet_alias: { cell, uid },
  };
}

async function nextReport(state: TabletState, signal: AbortSignal): Promise<void> {
  let forget = () => {};
  const due = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, state.timings.healthIntervalMs);
    const ignore = state.onChange(resolve);
    forget = () => {
      clearTimeout(timer);
      ignore();
    };
  });
  try {
    await abortable(due, signal);
  } finally {
    forget();
  }
}
