import { isHeld } from "../held.js";
import { formatWorkflowName } from "../name.js";
import { stoppedAfterCopy } from "../state.js";
import type { Stream, WorkflowStreams } from "../streams.js";
import { type Finding, vtmigrate } from "./finding.js";
import { atWork } from "./locked.js";
import { nameStreams } from "./names.js";
import { migrates, type Scene } from "./scene.js";

/** Streams that a VDiff has stopped and didn't come to put back; none while a VDiff has the lock. */
export function heldStreams(scene: Scene): Finding[] {
  return migrates(scene).flatMap((found): Finding[] => {
    const { workflow } = found;
    const held = heldOf(scene, found);
    if (held.length === 0 || atWork(scene, workflow, "vdiff") !== undefined) return [];
    const name = formatWorkflowName({ keyspace: scene.keyspace, workflow });
    const noted = (scene.records.get(workflow)?.record.savedStreams ?? []).length > 0;
    return [
      {
        kind: "stopped_by_vdiff",
        workflow: name,
        what: `${nameStreams(held)} of ${name} ${held.length > 1 ? "were" : "was"} stopped by a VDiff and not put back`,
        sure: noted ? "known" : "guessed",
        because: noted
          ? "the workflow's record has noted it, and no VDiff holds the lock"
          : `what the streams say is a VDiff's; a VDiff of the tablets may still be at work, which "vtmigrate VDiff ${name} show last" tells`,
        cleanUp: [vtmigrate("Workflow", name, "start")],
      },
    ];
  });
}

/** Those of a workflow: by message, by the record, or by a stop position, which nothing but a VDiff sets. */
export function heldOf({ records }: Scene, { workflow, streams }: WorkflowStreams): Stream[] {
  const saved = records.get(workflow)?.record.savedStreams ?? [];
  return streams.filter(
    (stream) =>
      isHeld(stream, saved) ||
      (stream.state === "Stopped" && (stream.stopPos ?? "") !== "" && !stoppedAfterCopy(stream)),
  );
}
