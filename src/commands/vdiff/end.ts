import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { goJson, tabIndented } from "../../io/json.js";
import { deleteVdiff } from "../../vdiff/tablet-engine/delete.js";
import { stopVdiff } from "../../vdiff/tablet-engine/stop.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { VdiffOptions } from "./engine-options.js";

export interface EndedAnswer extends WorkflowName {
  action: "stop" | "delete";
  /** Undefined for all. */
  uuid: string | undefined;
  format: string;
  toJSON(): object;
}

/** VDiff <ks>.<wf> stop <UUID> */
export async function stop(
  ctx: Context,
  name: WorkflowName,
  uuid: string,
  options: VdiffOptions,
): Promise<EndedAnswer> {
  await stopVdiff(ctx, { ...name, uuid, targetShards: options.targetShards });
  return ended("stop", name, uuid, options);
}

/** VDiff <ks>.<wf> delete <UUID>|all */
export async function remove(
  ctx: Context,
  name: WorkflowName,
  which: string,
  options: VdiffOptions,
): Promise<EndedAnswer> {
  await deleteVdiff(ctx, name, which);
  return ended("delete", name, which === "all" ? undefined : which, options);
}

function ended(
  action: "stop" | "delete",
  { keyspace, workflow }: WorkflowName,
  uuid: string | undefined,
  { format }: VdiffOptions,
): EndedAnswer {
  const toJSON = () => ({ action, keyspace, workflow, uuid });
  return { action, keyspace, workflow, uuid, format: format.toLowerCase(), toJSON };
}

/** With all, vtctlclient's text has two blanks where the UUID would stand. */
export function viewEnded({ action, uuid, format }: EndedAnswer, io: Io): void {
  if (format === "json") io.print(goJson({ UUID: uuid, Action: action, Status: "completed" }, tabIndented));
  else io.print(`The ${action} action for vdiff ${uuid ?? ""} is completed on target shards`);
}
