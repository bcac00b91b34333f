import { NotFoundError } from "../../errors.js";
import { formatWorkflowName } from "../name.js";
import { whichWorkflows } from "../unknown.js";
import { checks } from "./checks.js";
import type { Finding } from "./finding.js";
import { type LookRequest, look } from "./look.js";
import type { Scene } from "./scene.js";

export interface DoctorRequest extends LookRequest {
  /** Leaves out what belongs to other workflows; what belongs to none stays. */
  workflow: string | undefined;
}

/**
 * What commands have left behind in a keyspace. Changes nothing. Errors as `look`; NotFoundError for a workflow of which
 * there is nothing at all.
 */
export async function examine(request: DoctorRequest): Promise<Finding[]> {
  const scene = await look(request);
  const findings = checks.flatMap((check) => check(scene));
  if (request.workflow === undefined) return findings;
  const name = `${request.keyspace}.${request.workflow}`;
  const about = findings.filter(({ workflow }) => workflow === undefined || workflow === name);
  if (about.length === 0) await requireKnown(scene, request.workflow, request.signal);
  return about;
}

/** Nothing found is no answer for a name that nothing has; what a shard that doesn't answer may have is a finding. */
async function requireKnown(scene: Scene, workflow: string, signal: AbortSignal): Promise<void> {
  const { keyspace, targets, records, workflows } = scene;
  if (records.has(workflow) || workflows.some((each) => each.workflow === workflow)) return;
  throw new NotFoundError(`workflow ${formatWorkflowName({ keyspace, workflow })} does not exist`, {
    hint: await whichWorkflows(keyspace, targets, { signal }),
  });
}
