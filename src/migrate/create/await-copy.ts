import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { FailedError, StillRunningError } from "../../errors.js";
import type { ProgressRow } from "../../io/io.js";
import type { Tablet } from "../../tablet/port.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { copyIsDone, trouble, workflowTables } from "../../workflow/state.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import { type Target, targetName } from "../../workflow/targets.js";
import { pauses } from "./pauses.js";
import { TroubleWatch } from "./trouble-watch.js";

export interface CopyWait {
  name: WorkflowName;
  targets: Target[];
  /** Rows by table that the source is thought to have; InnoDB estimates. */
  expectedRows: ReadonlyMap<string, number>;
  /** 0 waits as long as it takes. */
  timeoutMs: number;
}

/**
 * Waits until every table is copied, with a row of progress per table. FailedError when a stream is in
 * error (state Error, or the same complaint for 15 s) or was stopped; StillRunningError when the time is up.
 */
export async function awaitCopy(ctx: Context, wait: CopyWait): Promise<Stream[]> {
  const { name, targets } = wait;
  const startedAt = ctx.clock.now().getTime();
  const watch = new TroubleWatch();
  const pause = pauses();
  const progress = ctx.io.progress();
  try {
    for (;;) {
      const { streams } = await readStreams(name.keyspace, name.workflow, targets, { signal: ctx.signal });
      const now = ctx.clock.now().getTime();
      progress.update(await progressRows(streams, wait, ctx.signal));
      failOnTrouble(streams, name, watch, now);
      if (streams.every(copyIsDone)) return streams;
      if (wait.timeoutMs > 0 && now - startedAt >= wait.timeoutMs) {
        throw new StillRunningError(`the copy of ${formatWorkflowName(name)} is still running`, {
          hint: `It goes on. See "vtmigrate Workflow ${formatWorkflowName(name)} show".`,
        });
      }
      await ctx.clock.sleep(pause.next().value, ctx.signal);
    }
  } finally {
    progress.done();
  }
}

function failOnTrouble(streams: Stream[], name: WorkflowName, watch: TroubleWatch, now: number): void {
  if (streams.length === 0) throw new FailedError(`the streams of ${formatWorkflowName(name)} were deleted meanwhile`);
  const hint = `The workflow stays. Remove the cause, or take everything back: Migrate Cancel ${formatWorkflowName(name)}.`;
  for (const stream of streams) {
    const place = `stream ${stream.id} on ${targetName(stream.target)}`;
    if (stream.state === "Error") throw new FailedError(`${place} is in error: ${trouble(stream)}`, { hint });
    if (stream.state === "Stopped" && !copyIsDone(stream)) {
      throw new FailedError(`${place} is stopped: ${stream.message || "its copy is not done"}`);
    }
    const text = watch.lasting(stream, now);
    if (text !== undefined) throw new FailedError(`${place} makes no headway: ${text}`, { hint });
  }
}

async function progressRows(streams: Stream[], wait: CopyWait, signal: AbortSignal): Promise<ProgressRow[]> {
  const begun = (table: string) => unfinished(streams, table).some((state) => state.lastpk !== null);
  const tables = workflowTables(streams);
  const copied = await rowEstimates(
    wait.targets.map(({ primary }) => primary),
    tables.filter(begun),
    signal,
  );
  return tables.map((table) => {
    const expected = wait.expectedRows.get(table);
    const open = unfinished(streams, table).length > 0 || streams.some((stream) => stream.position === undefined);
    const state = !open ? "done" : begun(table) ? "copying" : "waiting";
    const rows = open ? (copied.get(table) ?? 0) : (expected ?? 0);
    return { label: table, done: rows, total: expected, estimated: true, state, finished: !open };
  });
}

function unfinished(streams: Stream[], table: string): Stream["copyState"] {
  return streams.flatMap((stream) => stream.copyState.filter((state) => state.table === table));
}

/** Rows by table, summed over shards of which each has one tablet here, as information_schema estimates them. */
export async function rowEstimates(
  tablets: Tablet[],
  tables: string[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  if (tables.length === 0) return new Map();
  const schemas = await forEachAtOnce(tablets, (tablet) => tablet.getSchema(tables, { signal }));
  return sumRows(schemas.flatMap(({ table_definitions }) => table_definitions));
}

/** The estimates that come with tables' definitions, added up by table. */
export function sumRows(definitions: { name: string; row_count: string }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { name, row_count } of definitions) sums.set(name, (sums.get(name) ?? 0) + Number(row_count));
  return sums;
}
