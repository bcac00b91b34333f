/** One run of a stream, from a picked source tablet to its end (vreplication/vreplicator.go). */
import type { BinlogSource, OnDdl } from "../../../wire/binlog-source.js";
import type { Target } from "../../../wire/generated/query/Target.js";
import { parsePosition } from "../../../wire/position.js";
import type { MessageInput } from "../../../wire/proto.js";
import type { Rule } from "../vstream/rules.js";
import { beginCopy, copyTables } from "./copier.js";
import { readCopyState } from "./copy-state.js";
import type { SourceTablet } from "./picker.js";
import { Player } from "./player.js";
import type { SourceClient } from "./source.js";
import { onlyValue, type StreamStore } from "./store.js";

export interface StreamContext {
  id: number;
  store: StreamStore;
  source: SourceClient;
  target: Target;
  rules: Rule[];
  filter: MessageInput<"binlogdata.Filter">;
  onDdl: OnDdl;
  /** Counted here, saved now and then. */
  rowsCopied: { count: number; savedAt: number };
  /** As stored; "" before the copy. */
  position(): string;
}

/** Runs until the stream is stopped or fails; resolves when its row says that it is over. */
export async function replicate(
  id: number,
  store: StreamStore,
  binlogSource: BinlogSource,
  tablet: SourceTablet,
  source: SourceClient,
  signal: AbortSignal,
): Promise<void> {
  const { rules } = binlogSource.filter;
  const stream: StreamContext = {
    id,
    store,
    source,
    target: { keyspace: binlogSource.keyspace, shard: binlogSource.shard, tablet_type: tablet.type },
    rules,
    filter: { rules },
    onDdl: binlogSource.onDdl,
    rowsCopied: { count: Number(store.stream(id)?.rows_copied ?? 0), savedAt: Date.now() },
    position: () => readPosition(store, id, "pos"),
  };
  for (;;) {
    const state = store.stream(id)?.state;
    if (state === undefined || state === "Stopped" || state === "Error") return;
    if (readCopyState(store, id).size > 0) {
      await copyTables(stream, signal);
      if (!binlogSource.stopAfterCopy) continue;
      store.setState(id, "Stopped", "Stopped after copy.");
      return;
    }
    const position = stream.position();
    if (position === "") {
      store.setState(id, "Running", "");
      if (!beginCopy(stream)) return;
      continue;
    }
    store.setState(id, "Running", "");
    const stopPosition = readPosition(store, id, "stop_pos");
    const player = new Player(stream, position, { stopPosition, saveStop: true, copyState: new Map() });
    if ((await player.play(signal)) === "stopped") return;
  }
}

/** The text of a position column, which may be stored compressed. */
function readPosition(store: StreamStore, id: number, column: "pos" | "stop_pos"): string {
  const stored = onlyValue(store.execute(`select ${column} from _vt.vreplication where id = ${id}`));
  if (stored === null || stored.length === 0) return "";
  const { flavor, gtidSet } = parsePosition(stored);
  return flavor === "" ? "" : `${flavor}/${gtidSet}`;
}
