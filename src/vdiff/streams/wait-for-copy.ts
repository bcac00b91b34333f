import type { Clock } from "../../context.js";
import { StillRunningError } from "../../errors.js";
import { stoppedAfterCopy } from "../../workflow/state.js";
import { readStreams, type Stream, type WorkflowStreams } from "../../workflow/streams.js";
import { copyProgress } from "./checks.js";

const POLL_MS = 1000;

export interface CopyWait {
  /** 0: no limit. */
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
  note(line: string): void;
}

/** Waits until nothing is left to copy. Streams that are stopped or in error end the wait: the checks name them. */
export async function waitForCopy(workflow: WorkflowStreams, wait: CopyWait): Promise<WorkflowStreams> {
  const { keyspace, workflow: name, targets } = workflow;
  const endsAt = wait.timeoutMs > 0 ? wait.clock.now().getTime() + wait.timeoutMs : Number.POSITIVE_INFINITY;
  let now = workflow;
  let told = "";
  for (;;) {
    const copying = copyProgress(now.streams);
    if (copying === undefined || now.streams.some(standsStill)) return now;
    if (wait.clock.now().getTime() >= endsAt) {
      throw new StillRunningError(`${keyspace}.${name} is still copying after ${wait.timeoutMs / 1000} s: ${copying}`, {
        hint: "-wait_timeout gives it more time.",
      });
    }
    if (copying !== told) wait.note(`${keyspace}.${name} is copying: ${copying}`);
    told = copying;
    await wait.clock.sleep(Math.min(POLL_MS, endsAt - wait.clock.now().getTime()), wait.signal);
    now = await readStreams(keyspace, name, targets, { signal: wait.signal });
  }
}

/** Before its copy is done. */
function standsStill(stream: Stream): boolean {
  return stream.state === "Error" || (stream.state === "Stopped" && !stoppedAfterCopy(stream));
}
