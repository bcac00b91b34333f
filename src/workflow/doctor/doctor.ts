import { checks } from "./checks.js";
import type { Finding } from "./finding.js";
import { type LookRequest, look } from "./look.js";

export interface DoctorRequest extends LookRequest {
  /** Leaves out what belongs to other workflows; what belongs to none stays. */
  workflow: string | undefined;
}

/** What commands have left behind in a keyspace. Changes nothing. Errors as `look`. */
export async function examine(request: DoctorRequest): Promise<Finding[]> {
  const scene = await look(request);
  const findings = checks.flatMap((check) => check(scene));
  if (request.workflow === undefined) return findings;
  const name = `${request.keyspace}.${request.workflow}`;
  return findings.filter(({ workflow }) => workflow === undefined || workflow === name);
}
