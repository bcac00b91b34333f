/** Rows of one tablet's snapshot, and rows of several merged (vdiff/shard_streamer.go, vtgate/engine/merge_sort.go). */
import type { TabletSecurity } from "../../../net/security.js";
import type { Field } from "../../../wire/generated/query/Field.js";
import { decodeRow, encodeRow } from "../../../wire/result.js";
import type { Row } from "../vreplication/apply.js";
import type { LastKey } from "../vreplication/copy-state.js";
import type { SourceTablet } from "../vreplication/picker.js";
import { SourceClient } from "../vreplication/source.js";

export interface Rows {
  readonly fields: Field[];
  /** undefined at the end. */
  next(): Promise<Row | undefined>;
}

export interface RowStream extends Rows {
  /** Of the snapshot. */
  readonly position: string;
}

export interface RowsRequest {
  keyspace: string;
  shard: string;
  query: string;
  /** Behind which to begin. */
  after: LastKey | undefined;
  /** How this process speaks to tablets. */
  security: TabletSecurity;
}

/** Resolves when the snapshot is taken. The stream lives until it ends or the signal aborts; the client is closed then. */
export async function openRowStream(
  tablet: SourceTablet,
  request: RowsRequest,
  signal: AbortSignal,
): Promise<RowStream> {
  const client = new SourceClient(tablet.address, request.security);
  signal.addEventListener("abort", () => client.close(), { once: true });
  const { keyspace, shard, query, after } = request;
  const target = { keyspace, shard, tablet_type: tablet.type };
  const lastpk = after === undefined ? null : { fields: after.fields, rows: [encodeRow(after.row)] };
  const messages = client.vstreamRows({ target, query, lastpk }, signal);
  const first = await messages.next();
  if (first.done === true) throw new Error("stream ended without fields");
  let packet: Row[] = [];
  let at = 0;
  return {
    fields: first.value.fields,
    position: first.value.gtid,
    async next() {
      while (at >= packet.length) {
        const message = await messages.next();
        if (message.done === true) return undefined;
        packet = message.value.rows.map(decodeRow);
        at = 0;
      }
      return packet[at++];
    },
  };
}

/** Streams that are each in the order of `compare`, in that order together. */
export function mergeRows(streams: readonly Rows[], compare: (a: Row, b: Row) => number): Rows {
  const [only] = streams;
  if (only !== undefined && streams.length === 1) return only;
  let heads: { row: Row; stream: Rows }[] | undefined;
  return {
    fields: only?.fields ?? [],
    async next() {
      if (heads === undefined) {
        heads = [];
        for (const stream of streams) {
          const row = await stream.next();
          if (row !== undefined) heads.push({ row, stream });
        }
      }
      const [first] = heads.sort((a, b) => compare(a.row, b.row));
      if (first === undefined) return undefined;
      const { row, stream } = first;
      const following = await stream.next();
      if (following === undefined) heads.shift();
      else heads[0] = { row: following, stream };
      return row;
    },
  };
}
