import { ConflictError, FailedError, NotFoundError } from "../../errors.js";
import type { ShardRecord } from "../../topo/port.js";
import type { BinlogSource } from "../../wire/binlog-source.js";
import { copyIsDone, shownState, stoppedAfterCopy, trouble } from "../../workflow/state.js";
import type { Stream, WorkflowStreams } from "../../workflow/streams.js";

/**
 * The streams are in a state in which a comparison means something: there are some, none is frozen, the copy
 * is behind them, and all are running, or have stopped behind it as -stop_after_copy wants. Vitess itself looks at most at FROZEN here and reports rows that
 * were not copied yet as missing.
 *
 * ConflictError names every stream that isn't, and what is left to copy.
 *
 * @param canWait whether the command has a -wait that waits for the copy
 */
export function checkComparable(workflow: WorkflowStreams, { canWait = true }: { canWait?: boolean } = {}): void {
  const name = `${workflow.keyspace}.${workflow.workflow}`;
  const { streams } = workflow;
  if (streams.length === 0) {
    throw new NotFoundError(`no streams found in keyspace ${workflow.keyspace} for ${workflow.workflow}`);
  }
  if (streams.some((stream) => stream.message === "FROZEN")) {
    throw new ConflictError(`invalid VDiff run: writes have been already been switched for workflow ${name}`);
  }
  const problems = [...streams.flatMap((stream) => problemOf(stream, name)), ...copyProblem(streams, name, canWait)];
  const [first] = problems;
  if (first === undefined) return;
  throw new ConflictError(problems.map(({ text }) => text).join("; "), { hint: first.hint });
}

interface Problem {
  text: string;
  hint: string;
}

function problemOf(stream: Stream, name: string): Problem[] {
  if (shownState(stream) === "Error") {
    const text = `${place(stream)} is in error: ${trouble(stream)}`;
    return [{ text, hint: `"Workflow ${name} show" tells more.` }];
  }
  if (stream.state !== "Stopped" || stoppedAfterCopy(stream)) return [];
  const why = stream.message === "" ? "" : ` (${stream.message})`;
  return [
    {
      text: `${place(stream)} is stopped${why}: a VDiff needs it running`,
      hint: `Start it with "Workflow ${name} start".`,
    },
  ];
}

function copyProblem(streams: readonly Stream[], name: string, canWait: boolean): Problem[] {
  const copying = copyProgress(streams);
  if (copying === undefined) return [];
  const hint = canWait
    ? "-wait waits until the copy is done, and compares then."
    : `"Workflow ${name} show" tells how far it is.`;
  return [{ text: `${name} is still copying: ${copying}`, hint }];
}

/** How far the copy is, or undefined when it is done. */
export function copyProgress(streams: readonly Stream[]): string | undefined {
  const tables = new Set(streams.flatMap((stream) => stream.copyState.map((copy) => copy.table)));
  const unborn = streams.filter((stream) => stream.copyState.length === 0 && !copyIsDone(stream));
  if (tables.size === 0 && unborn.length === 0) return undefined;
  const rows = streams.reduce((sum, stream) => sum + stream.rowsCopied, 0);
  if (tables.size === 0) return `${place(unborn[0])} has not begun`;
  const all = new Set(streams.flatMap((stream) => stream.source.filter.rules.map((rule) => rule.match)));
  const copied = rows > 0 ? `, ${rows} rows are copied` : "";
  return `${tables.size} of ${all.size} tables are not done (${[...tables].sort().join(", ")})${copied}`;
}

function place(stream: Stream | undefined): string {
  return `stream ${stream?.id} on ${stream?.target.primary.record.alias}`;
}

/**
 * All streams copy from one source by the same rules, and together they cover every serving shard of both sides
 * (go/vt/wrangler/traffic_switcher.go, buildTrafficSwitcher and validate), or at least shards that are there if only
 * a part was to be copied. Returns that source.
 */
export function checkCoverage(
  workflow: WorkflowStreams,
  sourceShards: readonly ShardRecord[],
  { partial }: { partial: boolean },
): BinlogSource {
  const [first] = workflow.streams;
  if (first === undefined)
    throw new NotFoundError(`no streams found in keyspace ${workflow.keyspace} for ${workflow.workflow}`);
  const tables = ruleNames(first.source);
  for (const { source } of workflow.streams) {
    if (sourceName(source) !== sourceName(first.source)) {
      throw new FailedError(
        `source keyspaces are mismatched across streams: ${sourceName(first.source)} vs ${sourceName(source)}`,
      );
    }
    if (ruleNames(source) !== tables) {
      throw new FailedError(`table lists are mismatched across streams: ${tables} vs ${ruleNames(source)}`);
    }
  }
  const streaming = workflow.streams.map((stream) => stream.source.shard);
  mustMatch(first.source.keyspace, sourceShards, streaming, partial);
  const filled = workflow.streams.map((stream) => stream.target.shard.name);
  const targetShards = workflow.targets.map((target) => target.shard);
  mustMatch(workflow.keyspace, targetShards, filled, partial);
  return first.source;
}

function sourceName({ externalCluster, keyspace }: BinlogSource): string {
  return externalCluster === "" ? keyspace : `${externalCluster}.${keyspace}`;
}

/** Filters differ by the target shard's key range; the tables must not. */
function ruleNames(source: BinlogSource): string {
  return source.filter.rules
    .map((rule) => rule.match)
    .sort()
    .join(" ");
}

/** Shards that don't serve (half-made, or replaced by others) need no streams. */
function mustMatch(keyspace: string, inTopo: readonly ShardRecord[], inStreams: string[], partial: boolean): void {
  const streaming = new Set(inStreams);
  const needed = partial ? [] : inTopo.filter((shard) => shard.isPrimaryServing);
  const known = new Set(inTopo.map(({ name }) => name));
  if (needed.every(({ name }) => streaming.has(name)) && [...streaming].every((name) => known.has(name))) return;
  const [topo, streams] = [known, streaming].map((names) => `[${[...names].sort().join(" ")}]`);
  throw new FailedError(`mismatched shards for keyspace ${keyspace}: topo: ${topo} vs switch command: ${streams}`);
}
