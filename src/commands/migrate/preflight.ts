import type { CommandInput } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { AuthError, PreflightError, UnreachableError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { wrapWords } from "../../io/wrap.js";
import type { CheckReport, Tried } from "../../migrate/preflight/check.js";
import { runPreflight } from "../../migrate/preflight/preflight.js";
import type { WorkflowName } from "../../workflow/name.js";
import { createRequest } from "./create.js";
import { type migrateOptions, requireFitForAtomicCopy } from "./options.js";

export interface PreflightAnswer extends WorkflowName {
  action: "preflight";
  source: string;
  checks: CheckReport[];
}

/** Migrate -preflight Create. */
export async function preflight(
  name: WorkflowName,
  input: CommandInput<typeof migrateOptions>,
  ctx: Context,
): Promise<PreflightAnswer> {
  requireFitForAtomicCopy(input.options);
  const checks = await runPreflight(ctx, createRequest(name, input));
  return { action: "preflight", ...name, source: input.options.source, checks };
}

/** Of errors that keep their own exit code; the others are what a check refuses. */
const ownExitCodes = new Map<string, number>(
  [new UnreachableError(""), new AuthError("")].map(({ code, exitCode }) => [code, exitCode]),
);

/** The first check that failed decides: 5 when somebody doesn't answer, 4 when somebody lets us not in, else 9; what Create would end with is in its `code`. */
export function preflightExitCode({ checks }: PreflightAnswer): number {
  const failure = checks.find(({ result }) => result === "failed");
  if (failure === undefined) return 0;
  return ownExitCodes.get(failure.code ?? "") ?? new PreflightError("").exitCode;
}

const WIDTH = 80;
const NAME_WIDTH = 18;
const RESULT_WIDTH = 9;

/** A line a check, in 80 columns; below it who was asked in vain, and the remedy. What else there is to know is on stderr. */
export function viewPreflight({ checks }: PreflightAnswer, io: Io): void {
  for (const check of checks) {
    const head = check.name.padEnd(NAME_WIDTH) + check.result.padEnd(RESULT_WIDTH);
    printIndented(head, check.message, io);
    if (check.result === "failed" || check.result === "warning") {
      for (const tried of check.tried.filter(({ answered, address }) => !answered && !check.message.includes(address)))
        printIndented("    tried: ", triedText(tried), io);
      if (check.remedy !== undefined) printIndented("    remedy: ", check.remedy, io);
    }
    for (const note of check.notes) io.note(note);
  }
  const counts = (["ok", "warning", "failed", "skipped"] as const).map(
    (result) => `${checks.filter((check) => check.result === result).length} ${result}`,
  );
  io.print(counts.join(", "));
}

function triedText({ what, address, layer, reason = "" }: Tried): string {
  return `${what} at ${address} (${layer})${reason === "" ? "" : `: ${reason}`}`;
}

/** Further lines begin below the text's own beginning. */
function printIndented(head: string, text: string, io: Io): void {
  const [first = "", ...rest] = wrapWords(text, WIDTH - head.length);
  io.print(`${head}${first}`.trimEnd());
  for (const line of rest) io.print(" ".repeat(head.length) + line);
}
