import { forEachAtOnce } from "../concurrency.js";
import { FailedError, NotFoundError } from "../errors.js";
import { type Capabilities, readCapabilities } from "../tablet/capabilities.js";
import type { CallOptions, Tablet } from "../tablet/port.js";
import { type BinlogSource, parseBinlogSource } from "../wire/binlog-source.js";
import { type Position, parsePosition } from "../wire/position.js";
import { type ResultSet, records } from "../wire/result.js";
import { sqlString } from "../wire/sql.js";
import type { Target } from "./targets.js";

/** A row of `_vt.vreplication` with the tables that it still has to copy. Times are Unix seconds, 0 for never. */
export interface Stream {
  id: number;
  target: Target;
  source: BinlogSource;
  /** `source` as stored. */
  sourceText: string;
  /** Undefined until the first table's snapshot was taken. */
  position: Position | undefined;
  stopPos: string | null;
  /** As stored: Init, Copying, Running, Stopped, Error. */
  state: string;
  message: string;
  dbName: string;
  cell: string;
  tabletTypes: string;
  transactionTimestamp: number;
  timeUpdated: number;
  timeHeartbeat: number;
  timeThrottled: number;
  componentThrottled: string;
  tags: string;
  workflowType: number;
  workflowSubType: number;
  deferSecondaryKeys: boolean;
  rowsCopied: number;
  /** Tables that are not copied yet; `lastpk` is null before a table's first batch. */
  copyState: { table: string; lastpk: string | null }[];
}

export interface WorkflowStreams {
  keyspace: string;
  workflow: string;
  /** Every shard of the keyspace, also those without streams. */
  targets: Target[];
  streams: Stream[];
  capabilities: Capabilities;
}

/** "ext1.commerce/-80": a source shard under its mount's name. */
export function sourceName({ source }: Pick<Stream, "source">): string {
  return `${source.externalCluster}.${source.keyspace}/${source.shard}`;
}

/** The WHERE of every statement about a workflow; v19 and later refuse updates that name neither id nor workflow. */
export function workflowWhere(dbName: string, workflow: string): string {
  return `db_name = ${sqlString(dbName)} and workflow = ${sqlString(workflow)}`;
}

/** Asks every target primary. No streams anywhere is an empty list, not an error. */
export async function readStreams(
  keyspace: string,
  workflow: string,
  targets: Target[],
  options: CallOptions = {},
): Promise<WorkflowStreams> {
  const [first] = targets;
  if (first === undefined) throw new NotFoundError(`no shards found in keyspace ${keyspace}`);
  const [capabilities, perTarget] = await Promise.all([
    readCapabilities(first.primary, options),
    forEachAtOnce(targets, (target) => readTargetStreams(target, workflow, options)),
  ]);
  return { keyspace, workflow, targets, streams: perTarget.flat(), capabilities };
}

async function readTargetStreams(target: Target, workflow: string, options: CallOptions): Promise<Stream[]> {
  const { primary } = target;
  const where = workflowWhere(primary.record.dbName, workflow);
  const result = await primary.vreplicationExec(`select * from _vt.vreplication where ${where}`, options);
  if (result.rows.length === 0) return [];
  const rows = records(result);
  const rawPositions = rawColumn(result, "pos");
  const ids = rows.map((row) => streamId(row.id, primary));
  const unfinished = await primary.vreplicationExec(
    `select * from _vt.copy_state where vrepl_id in (${ids.join(", ")})`,
    options,
  );
  const copyState = lastPerTable(records(unfinished));
  return rows.map((row, i) => toStream(row, rawPositions[i] ?? null, target, copyState.get(Number(row.id)) ?? []));
}

function toStream(
  row: Record<string, string | null>,
  rawPosition: Buffer | null,
  target: Target,
  copyState: Stream["copyState"],
): Stream {
  const id = Number(row.id);
  const sourceText = row.source ?? "";
  const place = `stream ${id} on ${target.primary.record.alias}`;
  return {
    id,
    target,
    source: readable(() => parseBinlogSource(sourceText), `${place}: its source`),
    sourceText,
    position:
      rawPosition === null || rawPosition.length === 0
        ? undefined
        : readable(() => parsePosition(rawPosition), `${place}: its position`),
    stopPos: row.stop_pos ?? null,
    state: row.state ?? "",
    message: row.message ?? "",
    dbName: row.db_name ?? "",
    cell: row.cell ?? "",
    tabletTypes: row.tablet_types ?? "",
    transactionTimestamp: Number(row.transaction_timestamp ?? 0),
    timeUpdated: unixSeconds(row.time_updated ?? "0"),
    timeHeartbeat: Number(row.time_heartbeat ?? 0),
    timeThrottled: Number(row.time_throttled ?? 0),
    componentThrottled: row.component_throttled ?? "",
    tags: row.tags ?? "",
    workflowType: Number(row.workflow_type ?? 0),
    workflowSubType: Number(row.workflow_sub_type ?? 0),
    deferSecondaryKeys: row.defer_secondary_keys === "1",
    rowsCopied: Number(row.rows_copied ?? 0),
    copyState,
  };
}

/**
 * One entry per stream and table. v16 and later keep a row per batch: the one with the highest id counts
 * (v11 and v14 have no id, and one row per table).
 */
function lastPerTable(rows: Record<string, string | null>[]): Map<number, Stream["copyState"]> {
  const ordered = rows.toSorted((a, b) => Number(a.id ?? 0) - Number(b.id ?? 0));
  const streams = new Map<number, Map<string, string | null>>();
  for (const row of ordered) {
    const id = Number(row.vrepl_id);
    const tables = streams.get(id) ?? new Map<string, string | null>();
    streams.set(id, tables.set(row.table_name ?? "", row.lastpk ?? null));
  }
  return new Map(
    [...streams].map(([id, tables]) => [
      id,
      [...tables].map(([table, lastpk]) => ({ table, lastpk })).sort((a, b) => (a.table < b.table ? -1 : 1)),
    ]),
  );
}

/** What statements name a stream by: nothing may be sent on without it. */
function streamId(text: string | null | undefined, { record }: Tablet): number {
  const id = Number(text ?? Number.NaN);
  if (Number.isSafeInteger(id) && id > 0) return id;
  throw new FailedError(`tablet ${record.alias} answers with a stream that has no id`);
}

/** A column's bytes: `pos` may be compressed, which isn't text. */
function rawColumn(result: ResultSet, name: string): (Buffer | null)[] {
  const index = result.fields.findIndex((field) => field.name === name);
  return result.rows.map((row) => row[index] ?? null);
}

/** vtctldclient's Create (v18 on) stores now() there: 20261122163640 instead of Unix seconds. */
function unixSeconds(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (match === null) return Number(text);
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

function readable<T>(read: () => T, what: string): T {
  try {
    return read();
  } catch (cause) {
    throw new FailedError(`${what} can't be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
