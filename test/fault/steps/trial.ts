/** One case: a command with a fault at one of its moments, what it leaves behind, and the way to its intended end. */
import { expect } from "vitest";
import type { CliResult } from "../../support/cli.js";
import { expireLocks } from "../../support/expire-locks.js";
import type { Lab } from "../../support/lab.js";
import type { Network } from "../../support/network.js";
import type { Case } from "./cases.js";
import { type End, endOf } from "./ends.js";
import { expectOthersUntouched, ownStreams, ownTables, setStage, writeToSource } from "./stage.js";
import type { Subject } from "./subjects.js";

/** What a command may take that is held up. */
const DEADLINE_MS = 60_000;
/** When the operator loses patience with a network that is dead, and with what is put back then. */
const IMPATIENT_MS = [1_000, 15_000];

export interface Trial {
  lab: Lab;
  network: Network;
}

/** Injects the fault, and follows what comes of it. */
export async function survive(trial: Trial, one: Case, injected: () => void): Promise<void> {
  const { lab, network } = trial;
  const { subject, moment, place, kind } = one;
  await setStage(lab, subject);
  const end = endOf(lab, subject);
  let happened = false;
  const patience: NodeJS.Timeout[] = [];
  const result = await typeOver(trial, subject, (log, kill) =>
    network.arm(log, moment, place, () => {
      happened = true;
      injected();
      if (kind === "kill -9") {
        kill("SIGKILL");
        for (const everywhere of network.places) network.inject("stall", everywhere);
      } else network.inject(kind, place);
      if (kind === "stall") patience.push(...IMPATIENT_MS.map((ms) => setTimeout(kill, ms, "SIGINT")));
    }),
  );
  for (const timer of patience) clearTimeout(timer);
  network.heal();
  expect(happened, `the moment never came: ${result.stderr}`).toBe(true);
  await expectExplained(lab, one, end, result);
  await expectOthersUntouched(lab);
  await expireLocks(lab);
  await end.reach();
  await expectOthersUntouched(lab);
  expect(await lab.locks()).toEqual([]);
}

/** The command without any fault: all of its steps, in order. */
export async function undisturbed(trial: Trial, subject: Subject): Promise<void> {
  const { lab } = trial;
  await setStage(lab, subject);
  const { code, stderr, steps } = await typeOver(trial, subject);
  expect(code, stderr).toBe(0);
  const known = steps.map((step) => subject.steps.find(({ name }) => name !== "" && step.startsWith(name))?.name ?? "");
  expect([...new Set(known)]).toEqual(subject.steps.map(({ name }) => name));
  await endOf(lab, subject).expectDone();
  await expectOthersUntouched(lab);
}

/** VDiff's streams are taken on to what the application has written: on a source that stands still nothing is to be done. */
async function typeOver(
  { lab, network }: Trial,
  { command, words }: Subject,
  onStart?: Parameters<Network["type"]>[1],
): ReturnType<Network["type"]> {
  const application = command === "VDiff" ? setInterval(() => writeToSource(lab, `${Date.now()}`), 20) : undefined;
  try {
    return await network.type(words, onStart, DEADLINE_MS);
  } finally {
    clearInterval(application);
  }
}

/** Exit code 0 is a promise; and whatever is left half done, the last lines say what to do about it. */
async function expectExplained(lab: Lab, { kind, subject }: Case, end: End, result: CliResult): Promise<void> {
  const { code, signal, stderr } = result;
  expect(stderr).not.toMatch(/^\s+at /m);
  if (kind === "kill -9") return expect(signal).toBe("SIGKILL");
  expect(signal, stderr).toBe(null);
  if (code === 0) return end.expectDone();
  expect([1, 5, 7, 8, 130], stderr).toContain(code);
  // Interrupted twice, it ends as with kill -9.
  if (code === 130 && !/ Error: /.test(stderr)) return expect(stderr).toContain("Once more ends at once.\n");
  expect(stderr).toMatch(new RegExp(`^${subject.words[0]} Error: \\S`, "m"));
  if (await isAsBefore(lab, subject)) return;
  expect(stderr).toMatch(
    /could not be undone: |goes on\.$|again to finish\.$|again: it goes on from here\.$|Restart them with "Workflow /m,
  );
}

async function isAsBefore(lab: Lab, { command }: Subject): Promise<boolean> {
  const record = await lab.record("wf");
  if (command === "Create") return record === undefined && ownStreams(lab).length + ownTables(lab).length === 0;
  const follow = ownStreams(lab).every(({ state, stop_pos }) => state === "Running" && (stop_pos ?? "") === "");
  return follow && ownStreams(lab).length > 0 && record?.step === "created";
}
