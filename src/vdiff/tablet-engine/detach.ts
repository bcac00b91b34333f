import { InterruptedError, StillRunningError } from "../../errors.js";
import type { WorkflowName } from "../../workflow/name.js";

/** Whoever stops waiting, or is stopped, doesn't stop the tablets: the error says so, and how to look and how to stop them. */
export async function whileDetachable<T>(vdiff: WorkflowName & { uuid: string }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const hint = howToGoOn(vdiff);
    if (cause instanceof InterruptedError) {
      throw new InterruptedError(`interrupted: the tablets go on with VDiff ${vdiff.uuid}`, { hint, cause });
    }
    if (cause instanceof StillRunningError) throw new StillRunningError(cause.message, { hint, cause });
    throw cause;
  }
}

export function howToGoOn({ keyspace, workflow, uuid }: WorkflowName & { uuid: string }): string {
  const words = `vtmigrate VDiff ${keyspace}.${workflow}`;
  return `"${words} show ${uuid}" shows how far it is, "${words} stop ${uuid}" stops it.`;
}
