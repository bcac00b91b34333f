/**
 * Both sides of a table at one position (vdiff/table_differ.go, initialize): stop the streams, take the source's
 * snapshots, let the streams run up to them, take the target's snapshot, start the streams again. The rows are read
 * afterwards, while the streams run.
 */
import { parsePosition } from "../../../wire/position.js";
import { formatAlias } from "../../topo.js";
import type { LastKey } from "../vreplication/copy-state.js";
import { keyComparator } from "./compare-rows.js";
import { lockForSnapshots } from "./lock.js";
import { waitForPosition } from "./manager-client.js";
import { mergeRows, openRowStream, type Rows } from "./row-stream.js";
import { aliasProto, type TableDiffPlan } from "./table-plan.js";
import { pickTablets } from "./tablets.js";
import { type WorkflowRun, workflowFilter } from "./workflow-run.js";

export interface Snapshots {
  source: Rows;
  target: Rows;
}

/** `after` is where an earlier run has stopped. The rows can be read until the signal aborts. */
export function takeSnapshots(
  run: WorkflowRun,
  plan: TableDiffPlan,
  after: { source: LastKey; target: LastKey } | undefined,
  signal: AbortSignal,
): Promise<Snapshots> {
  return run.snapshots.run(async () => {
    const lock = await lockForSnapshots(run.state, run.workflow, signal);
    try {
      // A stream that has no position yet ends it here, and leaves the streams as they are: stopped.
      await stopStreams(run);
      try {
        return await synchronise(run, plan, after, signal);
      } finally {
        await startStreams(run);
      }
    } finally {
      await lock.release();
    }
  });
}

async function stopStreams(run: WorkflowRun): Promise<void> {
  const { state, streams, store } = run;
  const message = state.profile.vdiff.lifecycle ? ", message='for vdiff'" : "";
  await streams.execute(`update _vt.vreplication set state = 'Stopped'${message} ${workflowFilter(run)}`);
  const rows = await store.run((execute) => execute(`select id, pos from _vt.vreplication ${workflowFilter(run)}`));
  for (const [id, position] of rows.rows) {
    const where = state.profile.vdiff.lifecycle ? ` on tablet ${aliasProto(state)}` : "";
    const { flavor, gtidSet } = parsePosition(position ?? "");
    if (gtidSet === "") throw new Error(`stream ${id} has not started${where}`);
    const source = run.sources.find(({ streamId }) => streamId === Number(id));
    if (source !== undefined) source.position = `${flavor}/${gtidSet}`;
  }
}

/** Whatever state they were in before: they run now. A failure is nobody's to hear. */
async function startStreams({ streams, state, workflow }: WorkflowRun): Promise<void> {
  const where = workflowFilter({ state, workflow });
  const sql = `update _vt.vreplication set state='Running', message='', stop_pos='' ${where}`;
  await streams.execute(sql).catch(() => {});
}

async function synchronise(
  run: WorkflowRun,
  plan: TableDiffPlan,
  after: { source: LastKey; target: LastKey } | undefined,
  signal: AbortSignal,
): Promise<Snapshots> {
  const { sourceKeyspace, options, state } = run;
  const security = state.peers;
  const tablets = await pickTablets(run, signal);
  const sources = run.sources.flatMap((source) => {
    const tablet = tablets.sources.get(source.shard);
    return tablet === undefined ? [] : [{ ...source, tablet }];
  });
  await all(
    sources.map(async ({ tablet, position }) => {
      try {
        await waitForPosition({ address: tablet.address, security }, position, options.timeoutMs, signal);
      } catch (error) {
        throw new Error(`WaitForPosition for tablet ${formatAlias(tablet.alias)}: ${(error as Error).message}`);
      }
    }),
  );
  const opened = await all(
    sources.map(({ tablet, shard }) => {
      const request = { keyspace: sourceKeyspace, shard, query: plan.source.query, after: after?.source, security };
      return openRowStream(tablet, request, signal);
    }),
  );
  await all(sources.map(({ streamId }, i) => runUpTo(run, streamId, opened[i]?.position ?? "", signal)));
  const { keyspace, shard } = state.identity;
  const request = { keyspace, shard, query: plan.target.query, after: after?.target, security };
  const target = await openRowStream(tablets.target, request, signal);
  const [first = target] = opened;
  return { source: mergeRows(opened, keyComparator(plan, first, first)), target };
}

/** Lets one stream run until it has the source's snapshot. */
async function runUpTo(run: WorkflowRun, streamId: number, position: string, signal: AbortSignal): Promise<void> {
  const { streams, options } = run;
  await streams.execute(
    `update _vt.vreplication set state='Running', stop_pos='${position}', message='synchronizing for vdiff' ` +
      `where id=${streamId}`,
  );
  const begun = Date.now();
  const timeUp = AbortSignal.timeout(options.timeoutMs);
  try {
    await streams.waitForPosition(streamId, position, AbortSignal.any([signal, timeUp]));
  } catch (error) {
    const text = timeUp.aborted ? await timeoutText(run, streamId, position, begun) : (error as Error).message;
    throw new Error(`WaitForPosition for stream id ${streamId}: ${text}`);
  }
}

async function timeoutText({ store }: WorkflowRun, id: number, position: string, begun: number): Promise<string> {
  const { rows } = await store.run((execute) => execute(`select pos from _vt.vreplication where id = ${id}`));
  return (
    `error waiting for pos: ${position}, last pos: ${rows[0]?.[0] ?? ""}: context deadline exceeded, ` +
    `wait time: ${(Date.now() - begun) / 1000}s: possibly no tablets are available to stream in the source keyspace ` +
    "for your cell and tablet_types setting"
  );
}

/** Waits for every one; several failures are one, a line for each (vterrors/aggregate.go). */
async function all<T>(attempts: Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(attempts);
  const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as Error] : []));
  if (failures.length > 1) throw new Error(failures.map(({ message }) => message).join("\n"));
  if (failures[0] !== undefined) throw failures[0];
  return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
}
