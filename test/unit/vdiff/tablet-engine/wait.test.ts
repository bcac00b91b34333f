import { beforeEach, describe, expect, test } from "vitest";
import { vdiff } from "../../../../src/commands/vdiff/index.js";
import { InterruptedError, NotFoundError, StillRunningError, UnreachableError } from "../../../../src/errors.js";
import { run } from "../../../support/run-command.js";
import { report, type ToyVdiff, toyTable } from "./toy-engine.js";
import { type ToyEngines, toyEngines } from "./toy-engines.js";

const UUID = "11111111-2222-3333-4444-555555555555";
const WAIT = ["-wait", "commerce.wf", "create", UUID];

let toy: ToyEngines;
beforeEach(() => {
  toy = toyEngines();
});

/** Makes of each shard's VDiff what it is after so many pauses. */
function becomes(pauses: number, ...shards: Partial<ToyVdiff>[]): void {
  let left = pauses;
  const before = toy.onPause;
  toy.onPause = (ms) => {
    before(ms);
    if (--left !== 0) return;
    for (const [i, engine] of toy.engines.entries()) {
      const found = engine.vdiffs.get(UUID);
      if (found !== undefined) Object.assign(found, shards[i] ?? shards[0]);
    }
  };
}

/** Beside what is done already. */
function onEachPause(deed: () => void): void {
  const before = toy.onPause;
  toy.onPause = (ms) => {
    before(ms);
    deed();
  };
}

async function wait(words: string[] = WAIT): Promise<number> {
  const result = await run(vdiff, words, toy.ctx);
  return vdiff.exitCode?.(result as never) ?? 0;
}

const printed = () => toy.notes.find((note) => note.includes("VDiff Summary")) ?? "";

const equal: Partial<ToyVdiff> = {
  state: "completed",
  started_at: "2026-11-22 16:40:00",
  completed_at: "2026-11-22 16:40:09",
  tables: [
    toyTable("customer", { table_state: "completed", rows_compared: 100, report: report("customer", [100, 0, 0, 0]) }),
  ],
};

describe("-wait", () => {
  test("ends when all shards have completed: 0, the summary alone on stdout, rows of progress by table", async () => {
    const half = {
      ...equal,
      state: "started",
      tables: [toyTable("customer", { table_state: "started", rows_compared: 50 })],
    };
    becomes(1, half);
    becomes(2, half, equal);
    becomes(3, equal);
    expect(await wait()).toBe(0);
    expect(printed()).toContain("State:        completed\nRowsCompared: 200\nHasMismatch:  false\n");
    expect(printed()).toContain("CompletedAt:  2026-11-22 16:40:09\n");
    expect(toy.progress.map(([row]) => row && [row.label, row.done, row.total, row.state])).toEqual([
      undefined,
      ["customer", 100, 200, "started"],
      ["customer", 150, 200, "started"],
      ["customer", 200, 200, "equal"],
    ]);
  });

  test("differences: 3", async () => {
    const differs = {
      ...equal,
      tables: [
        toyTable("customer", { table_state: "completed", has_mismatch: 1, report: report("customer", [98, 1, 1, 0]) }),
      ],
    };
    becomes(1, equal, differs);
    expect(await wait()).toBe(3);
    expect(printed()).toContain("\tMatchingRows:     198\n\tMismatchedRows:   1\n\tExtraRowsSource:  1\n");
  });

  test("stopped by somebody: 7, once no shard is at work any more", async () => {
    becomes(1, { ...equal, state: "stopped" }, { ...equal, state: "started" });
    becomes(5, { ...equal, state: "stopped" }, equal);
    expect(await wait()).toBe(7);
    expect(printed()).toContain("State:        stopped\n");
    expect(toy.progress).toHaveLength(6);
  });

  test("an error without retries is the end: 1", async () => {
    becomes(1, { state: "error", last_error: "no such thing 100%" });
    expect(await wait(["-auto-retry=false", ...WAIT])).toBe(1);
    expect(printed()).toContain(
      "              Error: (shard -80) no such thing 100%\n              Error: (shard 80-) no such thing 100%\n",
    );
  });

  test("an error with retries is the end when it has stayed for two rounds of them", async () => {
    becomes(1, { state: "error", last_error: "tablet is gone" }, equal);
    expect(await wait()).toBe(1);
    expect(toy.progress.length).toBeGreaterThan(60);
    expect(toy.progress.length).toBeLessThan(70);
  });

  test("an error that a retry mends is not", async () => {
    becomes(1, { state: "error", last_error: "tablet is gone" }, equal);
    becomes(40, { ...equal, state: "started" }, equal);
    becomes(
      50,
      {
        state: "error",
        last_error: "tablet is gone",
        tables: [toyTable("customer", { table_state: "error", rows_compared: 60 })],
      },
      equal,
    );
    becomes(100, { ...equal, last_error: "" }, equal);
    expect(await wait()).toBe(0);
  });

  test("an error is the end though each retry compares more rows of another table", async () => {
    const growing = toyTable("corder", { table_state: "completed" });
    const failing = toyTable("customer", { table_state: "error", rows_compared: 9 });
    becomes(1, { state: "error", last_error: "tablet is gone", tables: [growing, failing] });
    onEachPause(() => {
      growing.rows_compared += 1;
      if (growing.rows_compared > 200) toy.interrupt.abort(new InterruptedError("it has no end"));
    });
    expect(await wait()).toBe(1);
    expect(toy.progress.length).toBeLessThan(70);
  });

  test("extra rows that v18 fails at: at once, and different", async () => {
    const failed: Partial<ToyVdiff> = {
      state: "error",
      last_error: "failed to reconcile extra rows: node doesn't exist: /vitess/global/keyspaces/shop/VSchema",
      tables: [
        toyTable("corder"),
        toyTable("customer", { table_state: "error", rows_compared: 99, report: report("customer", [98, 0, 1, 0]) }),
      ],
    };
    becomes(1, failed, equal);
    expect(await wait(["-auto-retry", ...WAIT])).toBe(3);
    expect(toy.progress).toHaveLength(2);
    expect(printed()).toContain("HasMismatch:  true\n");
    expect(printed()).toContain("\tExtraRowsSource:  1\n");
    expect(toy.notes.at(-2)).toBe("Not compared to the end: corder (pending), customer (error).");
  });

  test("the time is up: 8, and the tablets go on", async () => {
    becomes(1, {
      ...equal,
      state: "started",
      tables: [toyTable("customer", { table_state: "started", rows_compared: 45 })],
    });
    const error = await wait(["-wait_timeout", "10s", ...WAIT]).catch((reason) => reason);
    expect(error).toBeInstanceOf(StillRunningError);
    expect(error.message).toBe(
      `not done after 10 s: VDiff ${UUID} is started: 45.00%, 90 rows compared, no differences so far, done at about 2026-11-22 16:40:22 UTC`,
    );
    expect(error.hint).toContain(`VDiff commerce.wf stop ${UUID}" stops it`);
    expect(toy.deeds).toEqual([`-80 create ${UUID}`, `80- create ${UUID}`]);
  });

  test("an interruption leaves the tablets at work, and says so", async () => {
    becomes(1, { ...equal, state: "started" });
    onEachPause(() => {
      toy.interrupt.abort(new InterruptedError("interrupted"));
    });
    const error = await wait().catch((reason) => reason);
    expect(error).toBeInstanceOf(InterruptedError);
    expect(error.message).toBe(`interrupted: the tablets go on with VDiff ${UUID}`);
    expect(error.hint).toContain(`VDiff commerce.wf show ${UUID}" shows how far it is`);
    expect(toy.deeds).toEqual([`-80 create ${UUID}`, `80- create ${UUID}`]);
  });

  test("a tablet that is away for a while is waited for, but not for ever", async () => {
    const [first] = toy.engines;
    if (first === undefined) throw new Error("no engine");
    let pauses = 0;
    toy.onPause = () => {
      pauses++;
      first.trouble.gone = pauses < 30;
      if (pauses === 31) for (const { vdiffs } of toy.engines) Object.assign(vdiffs.get(UUID) ?? {}, equal);
    };
    expect(await wait()).toBe(0);

    for (const { vdiffs } of toy.engines) vdiffs.clear();
    toy.onPause = () => {
      first.trouble.gone = true;
    };
    expect(await wait().catch((reason) => reason)).toBeInstanceOf(UnreachableError);
  });

  test("a shard without a primary for a while is waited for", async () => {
    const topo = await toy.ctx.topo();
    const { shard } = topo;
    const [first] = toy.engines;
    if (first === undefined) throw new Error("no engine");
    let pauses = 0;
    toy.onPause = () => {
      pauses++;
      first.trouble.gone = pauses < 30;
      if (pauses === 31) for (const { vdiffs } of toy.engines) Object.assign(vdiffs.get(UUID) ?? {}, equal);
    };
    topo.shard = async (keyspace, name) => {
      const { primaryAlias, ...found } = await shard(keyspace, name);
      if (pauses > 10 && pauses < 20) throw new UnreachableError("etcd doesn't answer");
      return { ...found, primaryAlias: pauses < 25 ? undefined : primaryAlias };
    };
    expect(await wait()).toBe(0);
  });

  test("the time is up while a shard is silent: 8", async () => {
    becomes(1, { ...equal, state: "started" });
    becomes(2, { ...equal, state: "started" });
    onEachPause(() => {
      if (toy.engines[1]) toy.engines[1].trouble.gone = toy.progress.length > 2;
    });
    const error = await wait(["-wait_timeout", "10s", ...WAIT]).catch((reason) => reason);
    expect(error).toBeInstanceOf(StillRunningError);
    expect(error.message).toContain(`not done after 10 s: VDiff ${UUID} is started: 100.00%`);
    expect(toy.ctx.clock.now().toISOString()).toBe("2026-11-22T16:40:10.000Z");
  });

  test("the time is up, and differences are known: 3, and the tablets go on", async () => {
    const tables = [toyTable("customer", { table_state: "started", rows_compared: 45, has_mismatch: 1 })];
    becomes(1, { ...equal, state: "started", tables }, { ...equal, state: "started" });
    expect(await wait(["-wait_timeout", "10s", ...WAIT])).toBe(3);
    expect(printed()).toContain("HasMismatch:  true\n");
    const said = toy.notes.find((note) => note.startsWith("not done after 10 s"));
    expect(said).toContain(`VDiff commerce.wf stop ${UUID}" stops it`);
  });

  test("a failure says that the tablets go on", async () => {
    toy.onPause = () => {
      for (const { trouble } of toy.engines) trouble.gone = true;
    };
    expect(await wait().catch((reason) => reason)).toBeInstanceOf(UnreachableError);
    expect(toy.notes.at(-1)).toContain(`The tablets go on with VDiff ${UUID}. "vtmigrate VDiff commerce.wf show`);
  });

  test("deleted by somebody: not found", async () => {
    toy.onPause = () => toy.engines[1]?.vdiffs.clear();
    expect(await wait().catch((reason) => reason)).toBeInstanceOf(NotFoundError);
    expect(toy.notes.join("\n")).not.toContain("go on");
  });

  test("streams that are held while nothing happens are told of, once, with how to let them go", async () => {
    const [stream] = toy.engines[1]?.streams ?? [];
    becomes(1, { ...equal, state: "started" });
    becomes(2, { ...equal, state: "started" });
    onEachPause(() => {
      if (stream) Object.assign(stream, { state: "Stopped", message: "for vdiff" });
    });
    const told = () => toy.notes.filter((note) => note.startsWith("Warning: nothing has changed"));
    await wait(["-wait_timeout", "89s", ...WAIT]).catch(() => {});
    expect(told()).toEqual([]);
    for (const { vdiffs, streams } of toy.engines) {
      vdiffs.clear();
      Object.assign(streams[0] ?? {}, { state: "Running", message: "" });
    }
    becomes(1, { ...equal, state: "started" });
    await wait(["-wait_timeout", "10m", ...WAIT]).catch(() => {});
    expect(told()).toEqual([
      `Warning: nothing has changed for 90 s, and stream 7 on zone1-0000000002 is stopped meanwhile: is there a tablet of the source to read from? "vtmigrate VDiff commerce.wf stop ${UUID}" lets it run on`,
    ]);
  });

  test("says how far it is in intervals", async () => {
    becomes(1, {
      ...equal,
      state: "started",
      tables: [toyTable("customer", { table_state: "started", rows_compared: 45 })],
    });
    becomes(25, equal);
    expect(await wait(["-wait-update-interval", "10s", ...WAIT])).toBe(0);
    expect(toy.notes.filter((note) => note.startsWith(`VDiff ${UUID} is started: 45.00%`))).toHaveLength(2);
  });
});
