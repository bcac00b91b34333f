import { StillRunningError } from "../errors.js";
import type { Io } from "../io/io.js";
import { toJson } from "../io/json.js";
import type { AnyCommand, CommandInput, OptionSpecs } from "./command.js";
import { formatGoDuration } from "./duration.js";

/** After the time is up a command may still put things back for this long. */
const graceMs = 20_000;

/**
 * The signal that a command hears: the interrupt, and the end of `-action_timeout` (StillRunningError,
 * exit code 8). `stop` clears the timer.
 */
export function boundedSignal(
  interrupt: AbortSignal,
  command: string,
  timeoutMs: number,
): { signal: AbortSignal; stop(): void } {
  if (timeoutMs <= 0) return { signal: interrupt, stop: () => {} };
  const controller = new AbortController();
  const timer = setTimeout(() => {
    controller.abort(
      new StillRunningError(`${command} was not done within ${formatGoDuration(timeoutMs)}`, {
        hint: "Run it again to go on, or give -action_timeout a longer time.",
      }),
    );
  }, timeoutMs);
  return { signal: AbortSignal.any([interrupt, controller.signal]), stop: () => clearTimeout(timer) };
}

/**
 * Runs a command and prints its result: `view` for people, with `json` the result itself.
 * Returns the exit code that the result stands for. A command that doesn't end within 20 s of the time's
 * end is left behind, with the signal's reason.
 */
export async function execute<Ctx>(
  command: AnyCommand<Ctx>,
  input: CommandInput<OptionSpecs>,
  ctx: Ctx,
  options: { io: Io; json: boolean; signal: AbortSignal },
): Promise<number> {
  const { io, json, signal } = options;
  const result: unknown = await Promise.race([command.run(input, ctx), overdue(signal)]);
  if (json) io.print(toJson(result ?? {}));
  else command.view(result, io);
  return command.exitCode?.(result) ?? 0;
}

function overdue(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const arm = () => {
      if (!(signal.reason instanceof StillRunningError)) return;
      setTimeout(() => reject(signal.reason), graceMs).unref();
    };
    if (signal.aborted) arm();
    else signal.addEventListener("abort", arm, { once: true });
  });
}
