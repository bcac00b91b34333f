import { formatWorkflowName } from "../name.js";
import { stoppedAfterCopy, trouble } from "../state.js";
import type { Stream } from "../streams.js";
import { type Finding, vtmigrate } from "./finding.js";
import { heldOf } from "./held-streams.js";
import { nameStreams } from "./names.js";
import { migrates, type Scene } from "./scene.js";
import { isCutShort } from "./unfinished.js";

/**
 * Streams of Migrates that don't get on. Those whose reason is told elsewhere are left out: no mount, a VDiff, a Create,
 * Complete or Cancel that was cut short.
 */
export function troubledStreams(scene: Scene): Finding[] {
  return migrates(scene).flatMap((found): Finding[] => {
    const { workflow, streams } = found;
    if (isCutShort(scene, workflow)) return [];
    const held = heldOf(scene, found);
    const own = streams.filter(
      (stream) => !held.includes(stream) && scene.mounts.get(stream.source.externalCluster)?.is !== "missing",
    );
    const name = formatWorkflowName({ keyspace: scene.keyspace, workflow });
    return [...failing(own, name), ...stopped(own, name)];
  });
}

function failing(streams: Stream[], name: string): Finding[] {
  return streams.filter(isFailing).map((stream) => ({
    kind: "stream_in_error",
    workflow: name,
    what: `${nameStreams([stream])} of ${name} is in error: ${trouble(stream)}`,
    sure: stream.state === "Error" ? "known" : "guessed",
    because:
      stream.state === "Error"
        ? "in this state the tablet doesn't try again by itself"
        : "the tablet tries again by itself, so that it may pass",
    advice: "When the cause is gone:",
    cleanUp: [vtmigrate("Workflow", name, "start")],
  }));
}

function stopped(streams: Stream[], name: string): Finding[] {
  const standing = streams.filter((stream) => !isFailing(stream) && isStopped(stream));
  if (standing.length === 0) return [];
  const reasons = [...new Set(standing.map(({ message }) => message).filter((message) => message !== ""))];
  return [
    {
      kind: "stream_stopped",
      workflow: name,
      what: `${nameStreams(standing)} of ${name} ${standing.length > 1 ? "are" : "is"} stopped${reasons.length > 0 ? `: ${reasons.join("; ")}` : ""}`,
      sure: "guessed",
      because: "somebody may have stopped them on purpose, or not started them yet",
      cleanUp: [vtmigrate("Workflow", name, "start")],
    },
  ];
}

function isFailing(stream: Stream): boolean {
  return trouble(stream) !== undefined;
}

function isStopped(stream: Stream): boolean {
  return stream.state === "Stopped" && !stoppedAfterCopy(stream) && stream.message !== "FROZEN";
}
