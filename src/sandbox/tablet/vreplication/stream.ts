/** One run of a stream, from a picked source tablet to its end (vreplication/vreplicator.go). */
import type { BinlogSource, OnDdl } from "../../../wire/binlog-source.js";
import type { Field } from "../../../wire/generated/query/Field.js";
import type { Target } from "../../../wire/generated/query/Target.js";
import { parsePosition } from "../../../wire/position.js";
import type { MessageInput } from "../../../wire/proto.js";
import type { TableSchema } from "../../mysql/port.js";
import { queryFor, type Rule } from "../vstream/rules.js";
import { type PlanOptions, TablePlan } from "./apply.js";
import { copyAllTables } from "./atomic-copier.js";
import { beginCopy, copyTables } from "./copier.js";
import { type CopyState, readCopyState } from "./copy-state.js";
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
  /** Of the target's tables, those that there were when this run of the stream began. */
  tables: readonly string[];
  onDdl: OnDdl;
  /** Undefined unless the stream names both zones. */
  timeZones: { from: string; to: string } | undefined;
  /** Of tables without a primary key: the unique key that stood for one when this run of the stream began. */
  uniqueKeys: ReadonlyMap<string, readonly string[]>;
  /** Counted here, saved now and then. */
  rowsCopied: { count: number; savedAt: number };
  /** As stored; "" before the copy. */
  position(): string;
}

/**
 * What is asked of the source: the tables that are there, without those whose copy hasn't begun. One that a rule names
 * and the target hasn't is passed over in silence (vreplication/table_plan_builder.go, buildReplicatorPlan).
 */
export function sentFilter({ rules, tables }: StreamContext, copyState: CopyState): MessageInput<"binlogdata.Filter"> {
  const begun = tables.filter((table) => !copyState.has(table) || copyState.get(table) !== undefined);
  return {
    rules: begun.flatMap((match) => {
      const filter = queryFor(rules, match);
      return filter === undefined ? [] : [{ match, filter }];
    }),
  };
}

/** How rows of the source go into the target's table. */
export function planTable(
  stream: StreamContext,
  table: TableSchema,
  fields: readonly Field[],
  options: Pick<PlanOptions, "enumNumbers"> = {},
): TablePlan {
  const key = stream.uniqueKeys.get(table.name);
  const { timeZones } = stream;
  return new TablePlan(table, fields, { ...options, ...(timeZones && { timeZones }), ...(key && { key }) });
}

/** Deferring secondary keys drops unique ones too; Vitess goes by the columns that it read before (buildColInfoMap). */
function uniqueKeys({ state: { mysql, dbName } }: StreamStore): Map<string, readonly string[]> {
  const found = mysql
    .tables(dbName)
    .filter(({ primaryKey, primaryKeyEquivalent: key }) => primaryKey.length === 0 && key.length > 0);
  return new Map(found.map((table) => [table.name, table.primaryKeyEquivalent]));
}

/** binlogdata.VReplicationWorkflowSubType. */
export const ATOMIC_COPY = "2";

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
  const { sourceTimeZone: from, targetTimeZone: to } = binlogSource;
  const stream: StreamContext = {
    id,
    store,
    source,
    target: { keyspace: binlogSource.keyspace, shard: binlogSource.shard, tablet_type: tablet.type },
    rules,
    tables: store.state.mysql.tables(store.state.dbName).map((table) => table.name),
    onDdl: binlogSource.onDdl,
    timeZones: from === "" || to === "" ? undefined : { from, to },
    uniqueKeys: uniqueKeys(store),
    rowsCopied: { count: Number(store.stream(id)?.rows_copied ?? 0), savedAt: Date.now() },
    position: () => readPosition(store, id, "pos"),
  };
  for (;;) {
    const row = store.stream(id);
    if (row === undefined || row.state === "Stopped" || row.state === "Error") return;
    if (readCopyState(store, id).size > 0) {
      store.execute("set @@session.foreign_key_checks = 0");
      const atomically = store.state.profile.engine.atomicCopy && row.workflow_sub_type === ATOMIC_COPY;
      await (atomically ? copyAllTables(stream, signal) : copyTables(stream, signal));
      continue;
    }
    const position = stream.position();
    if (position === "") {
      if (!beginCopy(stream)) return;
      continue;
    }
    store.execute("set @@session.foreign_key_checks = 1");
    if (binlogSource.stopAfterCopy) {
      store.setState(id, "Stopped", "Stopped after copy.");
      return;
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
