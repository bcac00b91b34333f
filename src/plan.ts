import type { Context, Log } from "./context.js";
import { ConflictError, UnreachableError } from "./errors.js";
import { interruption } from "./interruption.js";

/** One change to the cluster. `apply` and `undo` may be called again after a failure half-way. */
export interface Step {
  /** One line, in the imperative: what `-dry_run` prints and what failures name. */
  describe: string;
  /** What exactly, for `-dry_run`: statements, definitions, filters, keys. */
  details?: string[];
  apply(): Promise<void>;
  undo?: {
    describe: string;
    run(): Promise<void>;
    /** Left alone when something else could not be undone: it is needed to find that again. */
    onlyAfterAll?: boolean;
  };
  /** Once this step is done, the only way is forward: a later failure undoes nothing. */
  pointOfNoReturn?: boolean;
}

/** Thrown by an undo for what it finds and has to leave: it is somebody else's, and nothing of ours stays behind. */
export class NotOursError extends Error {}

export type Plan = Step[];

/** What a plan needs of a lock: src/topo/port.ts's Lock. */
export interface CheckableLock {
  check(): Promise<void>;
  /** Aborted as soon as the lock is known to be lost, and no later than when its lease may be over. */
  readonly lost: AbortSignal;
}

export interface PlanSettings {
  /** Checked before each step, so that nothing is changed on the strength of a lock that is gone. */
  locks: CheckableLock[];
  signal: AbortSignal;
  /** A line for people: what was undone, what could not be. */
  report(line: string): void;
  /** Reported behind what could not be undone: the command that will. */
  remedy?: string;
  /** Each step as it begins and ends. */
  log: Pick<Log, "info">;
}

/** A step as a dry run shows it. */
export interface PlannedStep {
  step: string;
  details: string[];
}

/** What a dry run shows: exactly the steps that a real run executes. */
export function describePlan(plan: Plan): PlannedStep[] {
  return plan.map(({ describe, details = [] }) => ({ step: describe, details }));
}

/** The steps as lines for people, details below what they belong to. */
export function stepLines(steps: readonly PlannedStep[]): string[] {
  return steps.flatMap(({ step, details }) => [step, ...details.flatMap((detail) => detail.split("\n").map(indent))]);
}

function indent(line: string): string {
  return `  ${line}`;
}

/**
 * Runs the steps in order. When one fails, it and those before it are undone in reverse, unless the point
 * of no return is behind or a lock was lost: whoever holds it now may be working on the same things. What
 * stays behind is reported. Throws the step's own error.
 */
export async function executePlan(plan: Plan, settings: PlanSettings): Promise<void> {
  let undoable: Step[] = [];
  for (const step of plan) {
    try {
      if (settings.signal.aborted) throw interruption(settings.signal);
      for (const lock of settings.locks) await lock.check();
    } catch (error) {
      await undo(undoable, settings);
      throw error;
    }
    undoable.push(step);
    try {
      settings.log.info({ step: step.describe }, "step");
      await step.apply();
    } catch (error) {
      await undo(undoable, settings);
      throw error;
    }
    if (step.pointOfNoReturn) undoable = [];
    settings.log.info({ step: step.describe }, "step done");
  }
}

/** Executes a plan for a command: its terminal is told, its log too. Without locks, and until the command is interrupted. */
export function runPlan(
  { io, log, signal }: Pick<Context, "io" | "log" | "signal">,
  plan: Plan,
  more: Partial<Pick<PlanSettings, "locks" | "signal" | "remedy">> = {},
): Promise<void> {
  return executePlan(plan, { locks: [], signal, report: (line) => io.note(line), log, ...more });
}

async function undo(steps: Step[], settings: PlanSettings): Promise<void> {
  const checkLocks = lockChecks(settings.locks);
  let complete = true;
  for (const step of steps.toReversed()) {
    if (step.undo === undefined) continue;
    if (step.undo.onlyAfterAll && !complete) {
      settings.report(`kept, for what could not be undone: ${step.undo.describe}`);
      continue;
    }
    try {
      await checkLocks();
      await step.undo.run();
      settings.report(`undone: ${step.undo.describe}`);
    } catch (error) {
      if (!(error instanceof NotOursError)) complete = false;
      const why = error instanceof ConflictError ? "the lock is lost" : "";
      const text = error instanceof Error ? error.message : String(error);
      settings.report(`could not be undone: ${step.undo.describe}: ${why === "" ? text : `${why} (${text})`}`);
    }
  }
  if (!complete && settings.remedy !== undefined) settings.report(settings.remedy);
}

/**
 * A topology server that doesn't answer is often why something is undone. It is waited for once, and what tablets can undo
 * is undone all the same: as long as no lease may be over, nobody else has got the locks.
 */
function lockChecks(locks: CheckableLock[]): () => Promise<void> {
  let silent = false;
  return async () => {
    for (const lock of locks) {
      lock.lost.throwIfAborted();
      if (silent) continue;
      try {
        await lock.check();
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        silent = true;
        lock.lost.throwIfAborted();
      }
    }
  };
}
