import { ConflictError, FailedError } from "../../errors.js";
import { readCapabilities } from "../../tablet/capabilities.js";
import type { CallOptions } from "../../tablet/port.js";
import { formatBinlogSource } from "../../wire/binlog-source.js";
import type { WorkflowName } from "../../workflow/name.js";
import { readStreams, type Stream } from "../../workflow/streams.js";
import { type Target, targetName } from "../../workflow/targets.js";
import { insertStatement, type PlannedStream, type RowSettings } from "./streams.js";

/** What we inserted on each target. */
export type OwnStreams = Map<Target, { ids: Set<number>; unanswered: Set<string> }>;

/**
 * Inserts one stream. A failed answer leaves open whether the row is there (the tablet commits before it
 * reads the row's source), and a second row would copy everything twice: so it is never repeated, and
 * `deleteOwn` looks for it.
 */
export async function insertStream(
  stream: PlannedStream,
  settings: RowSettings,
  own: OwnStreams,
  options: CallOptions,
): Promise<void> {
  const { target } = stream;
  const statement = insertStatement(stream, settings, await readCapabilities(target.primary, options));
  const mine = own.get(target) ?? { ids: new Set(), unanswered: new Set() };
  own.set(target, mine);
  const source = formatBinlogSource(stream.source);
  mine.unanswered.add(source);
  const { insertId } = await target.primary.vreplicationExec(statement, options);
  mine.ids.add(Number(insertId));
  mine.unanswered.delete(source);
}

/** Deletes the streams that we inserted on a target: those of anybody else stay. */
export async function deleteOwn(
  name: WorkflowName,
  target: Target,
  own: OwnStreams,
  options: CallOptions,
): Promise<void> {
  const mine = own.get(target);
  if (mine === undefined) return;
  if (mine.unanswered.size > 0) {
    const { streams } = await readStreams(name.keyspace, name.workflow, [target], options);
    for (const stream of streams) if (mine.unanswered.has(stream.sourceText)) mine.ids.add(stream.id);
  }
  if (mine.ids.size > 0) {
    const where = `id in (${[...mine.ids].join(", ")})`;
    await target.primary.vreplicationExec(`delete from _vt.vreplication where ${where}`, options);
  }
  own.delete(target);
}

/**
 * Reads back what is there now: exactly one row for each planned pair, all of them ours. vtctld's own Create
 * takes no lock before it inserts, so somebody else may have been at work.
 */
export async function checkInserted(
  name: WorkflowName,
  targets: Target[],
  planned: PlannedStream[],
  own: OwnStreams,
  options: CallOptions,
): Promise<void> {
  const { streams } = await readStreams(name.keyspace, name.workflow, targets, options);
  const foreign = streams.filter((stream) => !own.get(stream.target)?.ids.has(stream.id));
  if (foreign.length > 0) {
    const places = foreign.map((stream) => `${stream.id} on ${targetName(stream.target)}`).join(", ");
    throw new ConflictError(`somebody else created streams of ${name.keyspace}.${name.workflow} meanwhile: ${places}`, {
      hint: "Is another vtctld or vtmigrate creating the same workflow? Ours are taken back.",
    });
  }
  for (const { target, sourceShard } of planned) {
    const count = streams.filter((stream) => isFor(stream, target, sourceShard)).length;
    if (count !== 1) {
      throw new FailedError(`${targetName(target)} has ${count} streams from source shard ${sourceShard} instead of 1`);
    }
  }
}

function isFor(stream: Stream, target: Target, sourceShard: string): boolean {
  return stream.target === target && stream.source.shard === sourceShard;
}
