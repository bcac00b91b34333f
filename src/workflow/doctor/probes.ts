import { formatWorkflowName } from "../name.js";
import { isProbe } from "../probe.js";
import { targetName } from "../targets.js";
import { type Finding, vtmigrate } from "./finding.js";
import type { Scene } from "./scene.js";

/** A probe has its answer, or is given up, long before. */
const PROBE_S = 120;

/** Probe streams that whoever asked didn't come to delete. */
export function probes({ keyspace, workflows, now }: Scene): Finding[] {
  return workflows.flatMap(({ workflow, streams }) =>
    streams
      .filter(({ source }) => isProbe(workflow, source))
      .map((stream): Finding => {
        const age = now.getTime() / 1000 - stream.timeUpdated;
        return {
          kind: "probe_stream",
          what: `stream ${stream.id} on ${targetName(stream.target)}, workflow ${workflow}, is a probe: it asked whether the tablet reaches ${stream.source.externalCluster}`,
          sure: age > PROBE_S ? "known" : "guessed",
          because:
            age > PROBE_S
              ? "it fills no table, and its check was over long ago"
              : "it fills no table; its check may still be at work",
          cleanUp: [vtmigrate("Workflow", formatWorkflowName({ keyspace, workflow }), "delete")],
        };
      }),
  );
}
