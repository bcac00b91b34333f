import { describe, expect, it } from "vitest";
import { ConflictError, FailedError, InterruptedError, UnreachableError } from "../../src/errors.js";
import { describePlan, executePlan, type Plan } from "../../src/plan.js";

/** Steps a, b, c, ... that log what happens to them; `fails` names one that does. */
function plan(names: string, log: string[], fails = "", finalStep = ""): Plan {
  return [...names].map((name) => ({
    describe: name,
    pointOfNoReturn: name === finalStep,
    apply: async () => {
      log.push(`do ${name}`);
      if (name === fails) throw new FailedError(`${name} failed`);
    },
    undo: { describe: name, run: async () => void log.push(`undo ${name}`) },
  }));
}

function settings(log: string[], check: () => Promise<void> = async () => {}) {
  const controller = new AbortController();
  const lost = new AbortController();
  return {
    controller,
    lost,
    run: {
      locks: [{ check, lost: lost.signal }],
      signal: controller.signal,
      report: (line: string) => void log.push(line),
      log: { info: () => {} },
    },
  };
}

describe("executePlan", () => {
  it("executes what describePlan lists", async () => {
    const log: string[] = [];
    const steps = plan("abc", log);
    await executePlan(steps, settings(log).run);
    expect(log).toEqual(describePlan(steps).map(({ step }) => `do ${step}`));
  });

  it("undoes the failed step and those before it, in reverse", async () => {
    const log: string[] = [];
    await expect(executePlan(plan("abcd", log, "c"), settings(log).run)).rejects.toThrow("c failed");
    expect(log.filter((line) => /^(un)?do /.test(line))).toEqual([
      "do a",
      "do b",
      "do c",
      "undo c",
      "undo b",
      "undo a",
    ]);
    expect(log.at(-1)).toBe("undone: a");
  });

  it("undoes nothing behind the point of no return", async () => {
    const log: string[] = [];
    await expect(executePlan(plan("abcd", log, "d", "b"), settings(log).run)).rejects.toThrow("d failed");
    expect(log.filter((line) => line.startsWith("undo "))).toEqual(["undo d", "undo c"]);
  });

  it("checks its locks before each step; without them it neither does nor undoes", async () => {
    const log: string[] = [];
    let checks = 0;
    const lost = async () => {
      checks += 1;
      if (checks > 2) throw new ConflictError("the lock is gone");
    };
    await expect(executePlan(plan("abc", log), settings(log, lost).run)).rejects.toThrow("the lock is gone");
    expect(log.filter((line) => /^(un)?do /.test(line))).toEqual(["do a", "do b"]);
    expect(log.filter((line) => line.startsWith("could not be undone: "))).toHaveLength(2);
  });

  it("asks a server that doesn't answer once, and undoes as long as no lease may be over", async () => {
    const log: string[] = [];
    let asked = 0;
    const silent = async () => {
      asked++;
      if (asked > 3) throw new UnreachableError("no answer");
    };
    const { run, lost } = settings(log, silent);
    const steps = plan("abcd", log);
    const [, second] = steps;
    if (second?.undo) second.undo.run = async () => lost.abort(new ConflictError("not renewed for 30 s"));
    await expect(executePlan(steps, run)).rejects.toThrow("no answer");
    expect(log.filter((line) => !line.startsWith("do "))).toEqual([
      "undo c",
      "undone: c",
      "undone: b",
      "could not be undone: a: the lock is lost (not renewed for 30 s)",
    ]);
    // Before each step, and once for all that is undone.
    expect(asked).toBe(5);
  });

  it("goes on undoing after an undo failed, and reports it", async () => {
    const log: string[] = [];
    const steps = plan("abc", log, "c");
    const [, second] = steps;
    if (second?.undo) second.undo.run = () => Promise.reject(new FailedError("disk full"));
    const run = { ...settings(log).run, remedy: "Run Cancel." };
    await expect(executePlan(steps, run)).rejects.toThrow("c failed");
    expect(log).toContain("could not be undone: b: disk full");
    expect(log).toContain("undo a");
    expect(log.at(-1)).toBe("Run Cancel.");
  });

  it("keeps what tells of the rest when something could not be undone", async () => {
    const log: string[] = [];
    const steps = plan("abc", log, "c");
    const [first, second] = steps;
    if (first?.undo) first.undo.onlyAfterAll = true;
    if (second?.undo) second.undo.run = () => Promise.reject(new FailedError("disk full"));
    await expect(executePlan(steps, settings(log).run)).rejects.toThrow("c failed");
    expect(log).toContain("kept, for what could not be undone: a");
    expect(log).not.toContain("undo a");
  });

  it("stops at an interrupt and undoes, with the interrupt's own error", async () => {
    const log: string[] = [];
    const { controller, run } = settings(log);
    const steps = plan("abc", log);
    const [first] = steps;
    if (first) first.apply = async () => controller.abort(new InterruptedError("interrupted by SIGINT"));
    await expect(executePlan(steps, run)).rejects.toThrow("interrupted by SIGINT");
    expect(log).toEqual(["undo a", "undone: a"]);
  });
});
