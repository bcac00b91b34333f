import { InterruptedError, NotFoundError, StillRunningError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import type { WorkflowName } from "../../workflow/name.js";

/**
 * Whoever stops waiting, or is stopped, doesn't stop the tablets: the error says so, and how to look and how to stop them;
 * `io` is told beside other errors, but for a VDiff that isn't there any more.
 */
export async function whileDetachable<T>(
  io: Io,
  vdiff: WorkflowName & { uuid: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const hint = howToGoOn(vdiff);
    const goOn = `the tablets go on with VDiff ${vdiff.uuid}`;
    if (cause instanceof InterruptedError) throw new InterruptedError(`interrupted: ${goOn}`, { hint, cause });
    if (cause instanceof StillRunningError) throw new StillRunningError(cause.message, { hint, cause });
    if (!(cause instanceof NotFoundError)) io.note(`${goOn.replace("the", "The")}. ${hint}`);
    throw cause;
  }
}

export function howToGoOn({ keyspace, workflow, uuid }: WorkflowName & { uuid: string }): string {
  const words = `vtmigrate VDiff ${keyspace}.${workflow}`;
  return `"${words} show ${uuid}" shows how far it is, "${words} stop ${uuid}" stops it.`;
}
