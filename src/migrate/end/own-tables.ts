import { forEachAtOnce } from "../../concurrency.js";
import type { CallOptions } from "../../tablet/port.js";
import type { WorkflowName } from "../../workflow/name.js";
import { type FillingStream, otherStreams } from "../../workflow/other-workflows.js";
import type { WorkflowRecord } from "../../workflow/record.js";
import { workflowTables } from "../../workflow/state.js";
import type { Stream } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { filledTables } from "../create/schema/filled-tables.js";

export interface Ownership {
  shards: OwnTables[];
  /** Whether another workflow fills a table, on any shard. */
  isShared(table: string): boolean;
}

/** Of a workflow's tables on a target: those that may be dropped, and those that are not ours to drop. */
export interface OwnTables {
  target: Target;
  tables: string[];
  kept: KeptTable[];
}

export interface KeptTable {
  shard: string;
  table: string;
  /** "workflow commerce.wf2 fills it" */
  why: string;
}

export interface CancelSubject {
  name: WorkflowName;
  /** Every shard of the keyspace. */
  targets: Target[];
  streams: Stream[];
  record: WorkflowRecord | undefined;
}

/**
 * Looks again at what the record says Create made, for it may be out of date: other tools end workflows too
 * and know nothing of the record. A table stays that was there before, that another workflow fills on the
 * shard, that the shard's streams of today have nothing to do with, or that has rows while the shard has no stream.
 *
 * Without a record every table counts as made by Create on the shards that have streams: ask before.
 */
export async function ownTables(subject: CancelSubject, options: CallOptions): Promise<Ownership> {
  const { name, targets, streams } = subject;
  const everywhere: FillingStream[] = [];
  const shards = await forEachAtOnce(targets, async (target) => {
    const others = await otherStreams(name, target, options);
    everywhere.push(...others);
    const shard = target.shard.name;
    const candidates = created(subject, target);
    const here = streamsOn(target, streams);
    const fed = new Set(workflowTables(here));
    const filled =
      here.length === 0 && candidates.length > 0 ? await filledTables(target.primary, candidates, options) : [];
    const reason = (table: string): string | undefined => {
      const other = others.find(({ fills }) => fills(table));
      if (other !== undefined) return `workflow ${name.keyspace}.${other.workflow} fills it`;
      if (here.length > 0 && !fed.has(table)) return "no stream of this workflow fills it";
      return filled.includes(table) ? "it has rows, and no stream of this workflow is left" : undefined;
    };
    const kept = candidates.flatMap((table) => {
      const why = reason(table);
      return why === undefined ? [] : [{ shard, table, why }];
    });
    return {
      target,
      tables: candidates.filter((table) => !kept.some((entry) => entry.table === table)),
      kept: [...kept, ...older(subject, target)].sort((a, b) => (a.table < b.table ? -1 : 1)),
    };
  });
  return { shards, isShared: (table) => everywhere.some(({ fills }) => fills(table)) };
}

/** Tables that may be dropped by what the record says, or by what the shard's streams fill. */
function created({ record, streams }: CancelSubject, target: Target): string[] {
  if (record !== undefined) return record.createdTables[target.shard.name] ?? [];
  return fedTables(streams, target);
}

/** Tables of the workflow that Create found there. */
function older({ record, streams }: CancelSubject, target: Target): KeptTable[] {
  if (record === undefined) return [];
  const made = record.createdTables[target.shard.name] ?? [];
  return fedTables(streams, target)
    .filter((table) => !made.includes(table))
    .map((table) => ({ shard: target.shard.name, table, why: "it was there before Create" }));
}

/** By name only: which tables a regular expression matches is anybody's guess. */
function fedTables(streams: Stream[], target: Target): string[] {
  return workflowTables(streamsOn(target, streams)).filter((table) => !table.startsWith("/"));
}

function streamsOn({ primary }: Target, streams: Stream[]): Stream[] {
  return streams.filter((stream) => stream.target.primary === primary);
}
