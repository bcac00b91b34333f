import { ConflictError } from "../../errors.js";
import type { LockContents, Topo } from "../../topo/port.js";
import { isHeld } from "../../workflow/held.js";
import { readRecord } from "../../workflow/record.js";
import type { WorkflowStreams } from "../../workflow/streams.js";

/**
 * Refuses to begin while a VDiff holds streams of the workflow: one that is at work, or one that was killed
 * and could not put them back. The streams' messages tell (vtctlclient's VDiff leaves the same), and our
 * record of the workflow, for a stream that was killed between its stop position and its restart.
 */
export async function checkNoLeftover(topo: Topo, workflow: WorkflowStreams): Promise<void> {
  const record = await readRecord(topo, workflow.keyspace, workflow.workflow);
  const held = workflow.streams.filter((stream) => isHeld(stream, record?.savedStreams ?? []));
  if (held.length === 0) return;
  const name = `${workflow.keyspace}.${workflow.workflow}`;
  const ids = held.map((stream) => `${stream.id} on ${stream.target.primary.record.alias}`).join(", ");
  const holder = await vdiffHolder(topo, workflow);
  if (holder !== undefined) {
    throw new ConflictError(
      `another VDiff of ${name} is running, by ${holder.UserName}@${holder.HostName} since ${holder.Time}: it holds stream ${ids}`,
      {
        hint: `Wait for it to end. If it is the tablets' own, "VDiff ${name} show last" tells its UUID, and "VDiff ${name} stop <UUID>" ends it.`,
      },
    );
  }
  throw new ConflictError(`a VDiff of ${name} was killed and has left stream ${ids} stopped`, {
    hint: `Restart it with "Workflow ${name} start".`,
  });
}

/** VDiff v1 locks the keyspace, the tablets' own VDiff the workflow's name (v22). */
async function vdiffHolder(
  topo: Topo,
  { keyspace, workflow }: { keyspace: string; workflow: string },
): Promise<LockContents | undefined> {
  const dirs = [`keyspaces/${keyspace}`, `internal/named_locks/${keyspace}/${workflow}`];
  const holders = await Promise.all(dirs.map(async (dir) => (await topo.global.lockHolders(dir))[0]));
  return holders.find((holder) => holder?.Action === "vdiff");
}
