import { UnreachableError, VtmigrateError } from "../../errors.js";
import { interruption } from "../../interruption.js";
import type { Check, CheckReport, Outcome } from "./check.js";
import type { Facts } from "./facts.js";
import { type CheckName, checkNames } from "./names.js";
import { checks } from "./registry.js";

/** A topology has 9 s to answer, a tablet 8; what a check asks one after the other has to fit. */
const CHECK_MS = 30_000;

export interface RunSettings {
  /** Create has looked at both clusters: what it found in order isn't asked again. */
  inCreate: boolean;
  /** Nothing may be changed, not for a moment. */
  dryRun: boolean;
}

export interface Checked {
  report: CheckReport;
  /** Of a failure. */
  error: VtmigrateError | undefined;
}

interface Ended extends Checked {
  /** The check for whose failure this one, and what needs it, isn't run. */
  failed: CheckName | undefined;
}

/**
 * Runs all checks, at once but for those that need another's success, and each to its end or for 30 s. Failures are
 * results; the signal's reason is thrown, when what was begun has ended.
 */
export async function runChecks(facts: Facts, settings: RunSettings): Promise<Checked[]> {
  const ends = new Map<CheckName, Promise<Ended>>();
  for (const name of checkNames) {
    const check = checks[name];
    const needed = check.needs.map((need) => ends.get(need));
    ends.set(
      name,
      Promise.all(needed).then((before) => runAfter(check, before, facts, settings)),
    );
  }
  // A fault in one must not leave another, which may have a probe on the tablets, to itself.
  await Promise.allSettled(ends.values());
  const ended = await Promise.all(ends.values());
  if (facts.signal.aborted) throw interruption(facts.signal);
  return ended.map(({ report, error }) => ({ report, error }));
}

async function runAfter(
  check: Check,
  before: (Ended | undefined)[],
  facts: Facts,
  settings: RunSettings,
): Promise<Ended> {
  const skipped = (message: string, failed?: CheckName): Ended => {
    const report: CheckReport = { name: check.name, result: "skipped", message, tried: [], notes: [] };
    return { report, error: undefined, failed };
  };
  if (facts.request.skipChecks.has(check.name)) return skipped("skipped by -skip_checks");
  const failed = before.find((each) => each?.failed !== undefined)?.failed;
  if (failed !== undefined) return skipped(`not run, because ${failed} failed`, failed);
  if (facts.signal.aborted) return skipped("not run, because of an interruption", check.name);
  if (settings.dryRun && check.changesSomething) return skipped("not run, because -dry_run changes nothing");
  if (settings.inCreate && check.decidedByCreate) return ended(check, { message: "in order, as Create found" });
  try {
    // What changes something has a limit of its own, and takes it back when that is over.
    return ended(check, await (check.changesSomething ? check.run(facts) : inTime(check, facts)));
  } catch (error) {
    if (!(error instanceof VtmigrateError) && !facts.signal.aborted) throw error;
    return ended(check, { error: error instanceof VtmigrateError ? error : interruption(facts.signal), tried: [] });
  }
}

function ended(check: Check, outcome: Outcome): Ended {
  const { name } = check;
  if (!("error" in outcome)) {
    const { result = "ok", message, remedy, tried = [], notes = [] } = outcome;
    const report = { name, result, message, ...(remedy !== undefined && { remedy }), tried, notes };
    return { report, error: undefined, failed: undefined };
  }
  const { error } = outcome;
  const { message, code, hint, at } = error;
  const tried =
    outcome.tried.length > 0 || at === undefined
      ? outcome.tried
      : [{ what: name, ...at, answered: false, reason: message }];
  const report = {
    name,
    result: "failed" as const,
    message,
    code,
    ...(hint !== undefined && { remedy: hint }),
    tried,
    notes: [],
  };
  return { report, error, failed: name };
}

async function inTime(check: Check, facts: Facts): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnreachableError(`${check.name} was not done within 30 s`)), CHECK_MS);
  });
  try {
    return await Promise.race([check.run(facts), late]);
  } finally {
    clearTimeout(timer);
  }
}
