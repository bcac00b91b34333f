import { formatWorkflowName } from "../name.js";
import type { Finding } from "./finding.js";
import { giveUp, givingUp } from "./give-up.js";
import { nameStreams } from "./names.js";
import { migrates, type Scene } from "./scene.js";

/** Streams whose external cluster isn't known any more, or doesn't answer: they fail as soon as they are started anew. */
export function streamsWithoutMount(scene: Scene): Finding[] {
  return migrates(scene).flatMap(({ workflow, streams }) => {
    const name = formatWorkflowName({ keyspace: scene.keyspace, workflow });
    const clusters = [...new Set(streams.map(({ source }) => source.externalCluster))].filter((mount) => mount !== "");
    return clusters.flatMap((mount): Finding[] => {
      const state = scene.mounts.get(mount);
      const reading = streams.filter(({ source }) => source.externalCluster === mount);
      const who = `${nameStreams(reading)} of ${name} ${reading.length > 1 ? "read" : "reads"} from mount ${mount}`;
      if (state?.is === "missing") {
        return [
          {
            kind: "stream_without_mount",
            workflow: name,
            what: `${who}, which isn't there`,
            sure: "known",
            because: "the topology has no such mount: the streams end when they are started anew",
            advice: `Mount the cluster again as ${mount} to go on with it. To give it up, ${givingUp(scene, workflow)}:`,
            cleanUp: [giveUp(scene, workflow)],
          },
        ];
      }
      if (state?.is !== "silent") return [];
      return [
        {
          kind: "mount_silent",
          workflow: name,
          what: `${who}, which doesn't answer: ${state.reason}`,
          sure: "guessed",
          because: "it was asked from this machine; the tablets may reach it",
          advice: `Bring it back, or mount it by another address. To give the workflow up, ${givingUp(scene, workflow)}:`,
          cleanUp: [giveUp(scene, workflow)],
        },
      ];
    });
  });
}
