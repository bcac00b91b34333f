import { formatWorkflowName } from "../name.js";
import { MIGRATE_TYPE } from "../state.js";
import type { Stream } from "../streams.js";
import { type Finding, vtmigrate } from "./finding.js";
import { nameStreams } from "./names.js";
import { migrates, type Scene } from "./scene.js";

/**
 * Streams as only our Create writes them, whose record is gone: Cancel can't tell any more which tables were made for them.
 * What other tools make has no record, and is left alone: vtctlclient's are of another type, and vtctldclient's name no
 * cells unless it is told some.
 */
export function unrecorded(scene: Scene): Finding[] {
  return migrates(scene).flatMap(({ workflow, streams }): Finding[] => {
    const known = scene.records.has(workflow) || scene.unreadableRecords.some((record) => record.workflow === workflow);
    if (known || !streams.every(isOurs)) return [];
    const name = formatWorkflowName({ keyspace: scene.keyspace, workflow });
    return [
      {
        kind: "streams_without_record",
        workflow: name,
        what: `${nameStreams(streams)} of ${name} ${streams.length > 1 ? "have" : "has"} no record`,
        sure: "guessed",
        because:
          "they are written as vtmigrate's Create writes them; vtctldclient's with -cells look the same, and need none",
        advice:
          "Complete works without a record. To give the workflow up, this deletes the streams and leaves all tables:",
        cleanUp: [vtmigrate("Migrate", "-keep_data", "Cancel", name)],
      },
    ];
  });
}

function isOurs({ workflowType, source, cell }: Stream): boolean {
  return workflowType === MIGRATE_TYPE && source.externalCluster !== "" && cell !== "";
}
