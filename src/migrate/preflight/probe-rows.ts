import type { Clock } from "../../context.js";
import { FailedError } from "../../errors.js";
import { readCapabilities } from "../../tablet/capabilities.js";
import { records } from "../../wire/result.js";
import { controlQuery } from "../../workflow/control.js";
import { NOTHING_TO_REPLICATE } from "../../workflow/probe.js";
import { workflowWhere } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { insertStatement, type PlannedStream, type RowSettings } from "../create/streams.js";

/** Of each statement; those that clean up must not keep an interrupted process for long. */
const CALL_MS = 5_000;
/** A stream that finds a source tablet stops within a second (measured on v11, v14 and v22). */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 100;

/** How a source shard looks from a target's tablet. */
export interface Sight {
  target: Target;
  sourceShard: string;
  /** Undefined: reached. */
  trouble: string | undefined;
}

/** The row is written, and nothing could be learned: the statement itself failed. */
export class NotAskedError extends FailedError {}

/**
 * Lets one target's tablet look for each of `streams`' sources, and deletes the streams however it ends: a tablet opens
 * the mount and picks a source tablet as for any stream, and stops as the source has none of the tables. Throws
 * NotAskedError, UnreachableError, the signal's reason. `leave` is told of rows that could not be deleted.
 */
export async function probeFrom(
  target: Target,
  streams: PlannedStream[],
  settings: RowSettings,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
  leave: (error: unknown) => void,
): Promise<Sight[]> {
  const { primary } = target;
  const options = { timeoutMs: CALL_MS, signal };
  const capabilities = await readCapabilities(primary, options);
  const { dbName } = primary.record;
  try {
    const shards = new Map<string, string>();
    for (const stream of streams) {
      const { insertId } = await asked(
        primary.vreplicationExec(insertStatement(stream, settings, capabilities), options),
      );
      shards.set(String(insertId), stream.sourceShard);
    }
    const refusals = await start([...shards.keys()]);
    return await look(shards, refusals);
  } finally {
    await primary
      .vreplicationExec(controlQuery("delete", dbName, settings.workflow), { timeoutMs: CALL_MS })
      .catch(leave);
  }

  /** By id, what a tablet says that can't even open the mount. */
  async function start(ids: string[]): Promise<Map<string, string>> {
    const refusals = new Map<string, string>();
    for (const id of ids) {
      try {
        await primary.vreplicationExec(`update _vt.vreplication set state = 'Running' where id = ${id}`, options);
      } catch (error) {
        if (!(error instanceof FailedError)) throw error;
        refusals.set(id, error.message);
      }
    }
    return refusals;
  }

  async function look(shards: Map<string, string>, refusals: Map<string, string>): Promise<Sight[]> {
    const where = workflowWhere(dbName, settings.workflow);
    for (const endsAt = Date.now() + PATIENCE_MS; ; ) {
      const found = records(
        await primary.vreplicationExec(`select id, state, message from _vt.vreplication where ${where}`, options),
      );
      const rows = new Map(found.map((row) => [row.id ?? "", row]));
      const isOpen = (id: string) => !refusals.has(id) && rows.get(id)?.state === "Running";
      if (Date.now() >= endsAt || ![...shards.keys()].some(isOpen)) {
        return [...shards].map(([id, sourceShard]) => {
          return { target, sourceShard, trouble: refusals.get(id) ?? troubleOf(rows.get(id)) };
        });
      }
      await clock.sleep(PAUSE_MS, signal);
    }
  }
}

/** Stopped with one sentence is what has found a source tablet; silence is what finds none. */
function troubleOf(row: Record<string, string | null> | undefined): string | undefined {
  if (row === undefined) return "the stream was deleted by somebody else";
  const { state, message } = row;
  if (state === "Stopped" && message === NOTHING_TO_REPLICATE) return undefined;
  return message || `nothing found within ${PATIENCE_MS / 1000} s`;
}

async function asked<T>(inserted: Promise<T>): Promise<T> {
  try {
    return await inserted;
  } catch (error) {
    if (!(error instanceof FailedError)) throw error;
    throw new NotAskedError(error.message, { hint: error.hint, cause: error });
  }
}
