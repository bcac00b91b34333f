import { forEachAtOnce } from "../../concurrency.js";
import { FailedError, UsageError, VtmigrateError } from "../../errors.js";
import type { CallOptions, SchemaDefinition, TabletClients } from "../../tablet/port.js";
import type { Topo } from "../../topo/port.js";
import { readVSchema } from "../../topo/read-vschema.js";
import { isAnnounced } from "../announced.js";
import { listWorkflows } from "../control.js";
import { findLeftovers, movedAway } from "../denied-tables.js";
import { readRecord } from "../record.js";
import { readStreams, type WorkflowStreams } from "../streams.js";
import { readTargets, type Target } from "../targets.js";
import type { MountState, NotedWorkflow, Scene } from "./scene.js";

/** For one call to one tablet: a Doctor that waits helps nobody. */
const CALL_MS = 10_000;

export interface LookRequest {
  topo: Topo;
  tablets: TabletClients;
  keyspace: string;
  now: Date;
  signal: AbortSignal;
}

/**
 * Reads a keyspace's topology and tablets, and changes nothing. A primary that doesn't answer is noted, and so is what can't
 * be understood. NotFoundError without the keyspace's shards, ConflictError for a serving shard without a primary, and the
 * topology's errors.
 */
export async function look({ topo, tablets, keyspace, now, signal }: LookRequest): Promise<Scene> {
  const options = { signal, timeoutMs: CALL_MS };
  const all = await readTargets(topo, tablets, keyspace);
  const asked = await forEachAtOnce(all, (target) => askNames(target, options));
  const silent = asked.flatMap((answer) => ("reason" in answer ? [answer] : []));
  const answers = asked.flatMap((answer) => ("names" in answer ? [answer] : []));
  const targets = answers.map(({ target }) => target);
  const locksBefore = await readLocks(topo, keyspace, signal);
  const { workflows, unreadable } = await readWorkflows(keyspace, answers, options);
  const { records, unreadableRecords } = await readRecords(topo, keyspace, signal);
  const external = workflows.flatMap(({ streams }) => streams.map(({ source }) => source.externalCluster));
  const noted = [...records.values()].map(({ record }) => record.source.mount);
  const schemas = new Map<Target, SchemaDefinition>();
  await forEachAtOnce(targets, async (target) => {
    try {
      schemas.set(target, await target.primary.getSchema([], { ...options, tableSchemaOnly: true }));
    } catch (error) {
      silent.push({ target, reason: reasonOf(error, signal) });
    }
  });
  const vschema = await readVSchema(topo, keyspace);
  const locksAfter = await readLocks(topo, keyspace, signal);
  return {
    keyspace,
    topology: topo.description,
    now,
    targets,
    silent,
    workflows,
    unreadable,
    records,
    unreadableRecords,
    mounts: await askMounts(topo, new Set([...external, ...noted].filter((name) => name !== "")), signal),
    // Whoever was at work at any time while all this was read may be why it looks as it does.
    locks: [...new Map([...locksBefore, ...locksAfter].map((lock) => [lock.key, lock])).values()],
    denied: await findLeftovers(topo, keyspace, targets, options),
    schemas,
    vschema: { sharded: vschema?.sharded ?? false, tables: new Set(Object.keys(vschema?.tables ?? {})) },
    movedAway: await movedAway(topo, keyspace),
  };
}

type Answer = { target: Target; names: string[] } | { target: Target; reason: string };

async function askNames(target: Target, options: CallOptions): Promise<Answer> {
  try {
    return { target, names: await listWorkflows([target], options) };
  } catch (error) {
    return { target, reason: reasonOf(error, options.signal) };
  }
}

async function readWorkflows(
  keyspace: string,
  answers: { target: Target; names: string[] }[],
  options: CallOptions,
): Promise<Pick<Scene, "workflows" | "unreadable">> {
  const names = [...new Set(answers.flatMap((answer) => answer.names))].sort();
  const targets = answers.map(({ target }) => target);
  const unreadable: Scene["unreadable"] = [];
  const workflows = await forEachAtOnce(names, async (workflow): Promise<WorkflowStreams[]> => {
    try {
      return [await readStreams(keyspace, workflow, targets, options)];
    } catch (error) {
      unreadable.push({ workflow, reason: reasonOf(error, options.signal) });
      return [];
    }
  });
  return { workflows: workflows.flat(), unreadable };
}

async function readRecords(
  topo: Topo,
  keyspace: string,
  signal: AbortSignal,
): Promise<Pick<Scene, "records" | "unreadableRecords">> {
  const { root } = await topo.global.identity(signal);
  const directory = `vtmigrate/${keyspace}`;
  const records = new Map<string, NotedWorkflow>();
  const unreadableRecords: Scene["unreadableRecords"] = [];
  for (const workflow of await topo.global.listDir(directory)) {
    try {
      const record = await readRecord(topo, keyspace, workflow);
      // It may have gone since it was listed.
      if (record !== undefined) records.set(workflow, { record, announced: await isAnnounced(topo, record) });
    } catch (error) {
      if (!(error instanceof FailedError)) throw error;
      unreadableRecords.push({ workflow, key: `${root}/${directory}/${workflow}`, reason: error.message });
    }
  }
  return { records, unreadableRecords };
}

async function askMounts(topo: Topo, names: ReadonlySet<string>, signal: AbortSignal): Promise<Scene["mounts"]> {
  const known = new Set(await topo.mounts());
  const states = await forEachAtOnce(names, async (name): Promise<[string, MountState]> => {
    if (!known.has(name)) return [name, { is: "missing" }];
    try {
      await (await topo.openMount(name)).keyspaces();
      return [name, { is: "answering" }];
    } catch (error) {
      if (error instanceof UsageError) return [name, { is: "unasked" }];
      return [name, { is: "silent", reason: reasonOf(error, signal) }];
    }
  });
  return new Map(states);
}

async function readLocks(topo: Topo, keyspace: string, signal: AbortSignal): Promise<Scene["locks"]> {
  const dirs = [`keyspaces/${keyspace}`, `internal/named_locks/${keyspace}`];
  return (await Promise.all(dirs.map((dir) => topo.global.locksBelow(dir, signal)))).flat();
}

/** Why somebody didn't answer; an interruption is no answer, and goes on. */
function reasonOf(error: unknown, signal: AbortSignal | undefined): string {
  if (signal?.aborted || !(error instanceof VtmigrateError)) throw error;
  return error.message;
}
