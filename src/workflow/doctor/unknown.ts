import { formatWorkflowName } from "../name.js";
import { targetName } from "../targets.js";
import type { Finding } from "./finding.js";
import type { Scene } from "./scene.js";

/** Where nobody could look: "nothing found" would say too much. */
export function unknown({ keyspace, silent, unreadable }: Scene): Finding[] {
  return [
    ...silent.map(
      ({ target, reason }): Finding => ({
        kind: "silent_primary",
        what: `primary ${targetName(target)} of ${keyspace} doesn't answer: ${reason}`,
        sure: "known",
        because: "it was asked for its streams; what it has is not known, and some checks were left out",
        advice: "Type Doctor again when it answers.",
        cleanUp: [],
      }),
    ),
    ...unreadable.map(
      ({ workflow, reason }): Finding => ({
        kind: "unreadable_stream",
        workflow: formatWorkflowName({ keyspace, workflow }),
        what: `the streams of ${formatWorkflowName({ keyspace, workflow })} can't be understood: ${reason}`,
        sure: "known",
        because: "no check could judge them",
        cleanUp: [],
      }),
    ),
  ];
}
