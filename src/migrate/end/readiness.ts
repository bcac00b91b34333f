import { forEachAtOnce } from "../../concurrency.js";
import { PreflightError } from "../../errors.js";
import { readCapabilities } from "../../tablet/capabilities.js";
import type { CallOptions } from "../../tablet/port.js";
import type { Topo } from "../../topo/port.js";
import { keyRangesIntersect, parseKeyRange } from "../../wire/key-range.js";
import { records } from "../../wire/result.js";
import { quoteIdentifier } from "../../wire/sql.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import { copyIsDone, trouble, workflowTables } from "../../workflow/state.js";
import type { Stream } from "../../workflow/streams.js";
import { type Target, targetName } from "../../workflow/targets.js";
import { missingTables } from "../create/schema/schema.js";

export const OVERRULE = "-force completes all the same.";

/** A reason not to throw the streams away yet. */
export interface Complaint {
  text: string;
  /** Undefined when it is about a stream that isn't there. */
  stream?: Stream;
}

/**
 * What must be true before the streams are thrown away: every target shard has those that it needs, all copies are
 * done with the actions that follow them, none is in error, frozen or stopped, and the tables that they fill are there.
 * `stoppedByUs`: an earlier Complete was cut short after it had stopped them. `partial`: some shards have none by
 * intention, and these `shards` have theirs, where that is known.
 */
export async function findComplaints(
  topo: Topo,
  targets: Target[],
  streams: Stream[],
  settings: { stoppedByUs: boolean; partial: boolean; shards?: string[] | undefined },
  options: CallOptions,
): Promise<Complaint[]> {
  const { stoppedByUs, partial, shards } = settings;
  const pending = await pendingActions(topo, targets, streams, options);
  return [
    ...(shards === undefined
      ? missingStreams(targets, streams, partial)
      : shards.flatMap((shard) => missingPair(targets, streams, shard))),
    ...(await absentTables(targets, streams, options)),
    ...streams.flatMap((stream) => {
      const why = complaint(stream, stoppedByUs) ?? pending.get(stream);
      return why === undefined ? [] : [{ stream, text: `${streamName(stream)} ${why}` }];
    }),
  ];
}

/** PreflightError with all that is wrong. */
export function requireReady(name: WorkflowName, complaints: Complaint[]): void {
  if (complaints.length === 0) return;
  const wrong = complaints.map(({ text }) => text).join("; ");
  throw new PreflightError(`workflow ${formatWorkflowName(name)} is not ready: ${wrong}`, {
    hint: `See "vtmigrate Workflow ${formatWorkflowName(name)} show". ${OVERRULE}`,
  });
}

/** "stream 1 on -80/zone1-0000000200" */
export function streamName({ id, target }: Pick<Stream, "id" | "target">): string {
  return `stream ${id} on ${targetName(target)}`;
}

/** Stopped in the middle of its work, without a reason of its own. */
export function isJustStopped({ state, message }: Stream): boolean {
  return state === "Stopped" && (message === "" || /^Picked source tablet/.test(message));
}

function complaint(stream: Stream, stoppedByUs: boolean): string | undefined {
  const text = trouble(stream);
  if (text !== undefined) return `is in error: ${text}`;
  if (stream.message === "FROZEN") return "is frozen: another tool has switched its traffic";
  if (stream.copyState.length > 0) return `has yet to copy ${stream.copyState.map((state) => state.table).join(", ")}`;
  if (/^There is nothing to replicate/.test(stream.message)) return "copies nothing: the source has none of its tables";
  if (stream.position === undefined) return "has not started";
  if (copyIsDone(stream) || (stoppedByUs && isJustStopped(stream))) return undefined;
  return `is ${stream.state}${stream.message === "" ? "" : ` (${stream.message})`}`;
}

/** With -source_shards a stream goes between shards of the same name. */
function missingPair(targets: Target[], streams: Stream[], shard: string): Complaint[] {
  const there = streams.some(({ source, target }) => target.shard.name === shard && source.shard === shard);
  if (there) return [];
  const target = targets.find((candidate) => candidate.shard.name === shard);
  return [{ text: `${target === undefined ? `shard ${shard}` : targetName(target)} has no stream` }];
}

/**
 * A target shard needs a stream from each source shard that overlaps it, and from all where the two sides are sharded
 * differently: then some stream goes between shards that don't overlap. Source shards that no stream reads at all
 * can't be seen from here, except where a target shard is left without any.
 */
function missingStreams(targets: Target[], streams: Stream[], partial: boolean): Complaint[] {
  const sourceShards = [...new Set(streams.map(({ source }) => source.shard))];
  const crossing = streams.some(({ source, target }) => !overlap(source.shard, target.shard.name));
  return targets.flatMap((target) => {
    const here = streams.filter((stream) => stream.target === target).map(({ source }) => source.shard);
    const needed = sourceShards.filter((shard) => crossing || overlap(shard, target.shard.name));
    const missing = needed.filter((shard) => !here.includes(shard));
    // On its way in or out of the keyspace: Create leaves it out.
    if (here.length === 0 && !target.shard.isPrimaryServing) return [];
    if (here.length === 0 && (needed.length > 0 || !partial)) return [{ text: `${targetName(target)} has no stream` }];
    return missing.map((shard) => ({ text: `${targetName(target)} has no stream from source shard ${shard}` }));
  });
}

/**
 * A stream that finds no table of a rule's name on its own tablet passes over it, without a word
 * (go/vt/vttablet/tabletmanager/vreplication/table_plan_builder.go, v11 to v22).
 */
async function absentTables(targets: Target[], streams: Stream[], options: CallOptions): Promise<Complaint[]> {
  const found = await forEachAtOnce(targets, async (target) => {
    const here = streams.filter((stream) => stream.target === target);
    const names = workflowTables(here).filter((table) => !table.startsWith("/"));
    const missing = names.length === 0 ? [] : await missingTables(target.primary, names, options);
    return missing.length === 0 ? [] : [{ text: `${targetName(target)} lacks tables: ${missing.join(", ")}` }];
  });
  return found.flat();
}

function overlap(a: string, b: string): boolean {
  try {
    return keyRangesIntersect(parseKeyRange(a), parseKeyRange(b));
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * Secondary keys of tables that are copied, but not yet built: lost with their stream. Tablets keep such actions since
 * they know `defer_secondary_keys` (v16); VReplicationExec doesn't read their table.
 */
async function pendingActions(
  topo: Topo,
  targets: Target[],
  streams: Stream[],
  options: CallOptions,
): Promise<Map<Stream, string>> {
  const [first] = targets;
  if (first === undefined) return new Map();
  const { sidecarDbName } = await topo.keyspace(first.shard.keyspace);
  const found = await forEachAtOnce(targets, async (target): Promise<[Stream, string][]> => {
    const here = streams.filter((stream) => stream.target === target);
    const { columns } = await readCapabilities(target.primary, options);
    if (here.length === 0 || !columns.has("defer_secondary_keys")) return [];
    const ids = here.map((stream) => stream.id).join(", ");
    const table = `${quoteIdentifier(sidecarDbName)}.post_copy_action`;
    const query = `select vrepl_id, table_name from ${table} where vrepl_id in (${ids})`;
    const rows = records(await target.primary.executeFetchAsDba(query, options));
    return here.flatMap((stream): [Stream, string][] => {
      const tables = rows.filter((row) => Number(row.vrepl_id) === stream.id).map((row) => row.table_name ?? "");
      return tables.length === 0 ? [] : [[stream, `has yet to build the secondary keys of ${tables.join(", ")}`]];
    });
  });
  return new Map(found.flat());
}
