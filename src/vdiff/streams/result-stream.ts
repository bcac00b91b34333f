import { StillRunningError, UnreachableError } from "../../errors.js";
import type { Tablet, VStreamResultsEvent } from "../../tablet/port.js";
import type { EncodedRow } from "../../wire/encoded-row.js";
import type { Field__Output as Field } from "../../wire/generated/query/Field.js";

/** A VStreamResults call that has begun: the snapshot stands at `position`, and rows come when asked for. */
export interface ResultStream {
  tablet: Tablet;
  position: string;
  fields: Field[];
  /** Of packets, so far. */
  readonly bytesRead: number;
  readonly rowsRead: number;
  /** The next packet; undefined at the end. UnreachableError when none comes in time. */
  nextPacket(): Promise<EncodedRow[] | undefined>;
  close(): void;
}

export interface StreamOptions {
  /** How long the tablet may take to begin, and to send the next packet, in milliseconds. */
  waitMs: number;
  /** Ends the stream for good. */
  signal: AbortSignal;
}

/**
 * Opens a snapshot of `query` on a tablet and waits for its position. The tablet takes the snapshot under a
 * LOCK TABLES .. READ that may itself have to wait for writers (go/vt/vttablet/tabletserver/vstreamer/snapshot_conn.go).
 */
export async function openResultStream(tablet: Tablet, query: string, options: StreamOptions): Promise<ResultStream> {
  const stop = new AbortController();
  const events = tablet
    .vstreamResults(query, { signal: AbortSignal.any([options.signal, stop.signal]) })
    [Symbol.asyncIterator]();
  const close = () => stop.abort(new UnreachableError("the stream was closed"));
  const next = (doing: string) =>
    nextWithin(events, options.waitMs, stop, options.signal, () => silent(tablet, doing, options));
  try {
    const first = await next("opened no snapshot");
    if (first?.kind !== "start") throw new UnreachableError(`tablet ${tablet.record.alias} ended the stream at once`);
    const { position, fields } = first;
    let bytesRead = 0;
    let rowsRead = 0;
    return {
      tablet,
      position,
      fields,
      get bytesRead() {
        return bytesRead;
      },
      get rowsRead() {
        return rowsRead;
      },
      async nextPacket() {
        const event = await next("sent no row");
        if (event?.kind !== "rows") return undefined;
        bytesRead += event.rows[0]?.packet.length ?? 0;
        rowsRead += event.rows.length;
        return event.rows;
      },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function nextWithin(
  events: AsyncIterator<VStreamResultsEvent>,
  waitMs: number,
  stop: AbortController,
  signal: AbortSignal,
  complaint: () => Error,
): Promise<VStreamResultsEvent | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const ended = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    timer = setTimeout(() => {
      const error = complaint();
      reject(error);
      stop.abort(error);
    }, waitMs);
  });
  try {
    const { value, done } = await Promise.race([events.next(), ended]);
    return done ? undefined : value;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function silent(tablet: Tablet, what: string, { waitMs }: StreamOptions): Error {
  const sentence = `tablet ${tablet.record.alias} at ${tablet.record.grpcAddress} ${what} within ${waitMs / 1000} s`;
  if (what === "sent no row") return new UnreachableError(sentence);
  return new StillRunningError(sentence, {
    hint: "A transaction that stays open may hold the table; -filtered_replication_wait_time gives it more time.",
  });
}
