import { hadStreams } from "../announced.js";
import { formatWorkflowName } from "../name.js";
import type { RecordStep } from "../record.js";
import { deleteKey, type Finding, vtmigrate } from "./finding.js";
import { atWork } from "./locked.js";
import { nameTables } from "./names.js";
import { hasTable, type NotedWorkflow, type Scene } from "./scene.js";

/** What a record in such a step tells of the command that wrote it. */
const CUT_SHORT: Partial<Record<RecordStep, string>> = {
  creating: "Create",
  completing: "Complete",
  announcing: "Complete",
  announced: "Complete",
  cancelling: "Cancel",
};

/** Records of commands that didn't come to their end, with streams or without, and records whose streams are gone. */
export function unfinished(scene: Scene): Finding[] {
  return [...scene.records].flatMap(([workflow, noted]) => {
    const name = formatWorkflowName({ keyspace: scene.keyspace, workflow });
    if (hasStreams(scene, workflow)) return isCutShort(scene, workflow) ? [cutShort(scene, name, noted)] : [];
    // On a shard that didn't answer there may be some.
    if (scene.silent.length > 0) return [];
    return [
      hadStreams(noted.record) && !noted.announced ? endedElsewhere(scene, name, noted) : cutShort(scene, name, noted),
    ];
  });
}

/** Whether a command on the workflow has stopped half-way, or is at work. */
export function isCutShort({ records }: Scene, workflow: string): boolean {
  const step = records.get(workflow)?.record.step;
  return step !== undefined && CUT_SHORT[step] !== undefined;
}

/** Records that can't be read: those of newer versions, and no JSON. */
export function unreadableRecords({ keyspace, topology, unreadableRecords: records }: Scene): Finding[] {
  return records.map(({ workflow, key, reason }) => ({
    kind: "unreadable_record",
    workflow: formatWorkflowName({ keyspace, workflow }),
    what: `the record of ${formatWorkflowName({ keyspace, workflow })} can't be read: ${reason}`,
    sure: "known",
    because: "every command on the workflow fails with it",
    advice: "A newer vtmigrate may understand it. Without it nobody knows which tables Create made:",
    cleanUp: [deleteKey(topology, key)],
  }));
}

function hasStreams({ workflows, unreadable }: Scene, workflow: string): boolean {
  return [...workflows, ...unreadable].some((found) => found.workflow === workflow);
}

function cutShort(scene: Scene, name: string, noted: NotedWorkflow): Finding {
  const { record, announced } = noted;
  const command = announced ? "Complete" : (CUT_SHORT[record.step] ?? "Complete");
  const busy = atWork(scene, record.workflow);
  const goesOn = command === "Create" ? "Cancel" : command;
  const left = hasStreams(scene, record.workflow) ? "streams" : "a record and no streams";
  return {
    kind: "cut_short",
    workflow: name,
    what: `${command} of ${name} was cut short, and has left ${left}${madeTables(scene, noted)}`,
    sure: busy === undefined ? "known" : "guessed",
    because:
      busy === undefined
        ? "the workflow's record says so, and nobody has its lock"
        : `the workflow's record says so; it may be at work, as ${busy}`,
    advice:
      command === "Create" ? "This takes it back, and Create can be typed again:" : "This goes on where it stopped:",
    cleanUp: [vtmigrate("Migrate", goesOn, name)],
  };
}

function endedElsewhere(scene: Scene, name: string, noted: NotedWorkflow): Finding {
  return {
    kind: "record_without_streams",
    workflow: name,
    what: `the record of ${name} is left, and its streams are gone${madeTables(scene, noted)}`,
    sure: "known",
    because: "another tool has deleted the streams, which knows nothing of the record",
    advice: "This forgets the workflow and leaves its tables, which may be in use:",
    cleanUp: [vtmigrate("Migrate", "-keep_data", "Cancel", name)],
  };
}

/** Those of them that are there. */
function madeTables(scene: Scene, { record }: NotedWorkflow): string {
  const places = scene.targets.map((target) => ({
    target,
    tables: (record.createdTables[target.shard.name] ?? []).filter((table) => hasTable(scene, target, table)),
  }));
  const named = nameTables(places);
  return named === "" ? "" : `; tables that Create made: ${named}`;
}
