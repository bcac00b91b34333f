import { beforeEach, describe, expect, test } from "vitest";
import { vdiff } from "../../../../src/commands/vdiff/index.js";
import { workflow } from "../../../../src/commands/workflow/index.js";
import {
  ConflictError,
  FailedError,
  NotFoundError,
  PreflightError,
  UnreachableError,
  UsageError,
} from "../../../../src/errors.js";
import { deleteStreams } from "../../../../src/workflow/control.js";
import type { Target } from "../../../../src/workflow/targets.js";
import { run } from "../../../support/run-command.js";
import { newVdiff, toyTable } from "./toy-engine.js";
import { type ToyEngines, toyEngines } from "./toy-engines.js";

const UUID = "11111111-2222-3333-4444-555555555555";

let toy: ToyEngines;
beforeEach(() => {
  toy = toyEngines();
});

const type = (line: string) => run(vdiff, line.split(" "), toy.ctx);
const failing = (line: string) =>
  type(line).then(
    () => undefined,
    (error) => error,
  );

function putAll(state: string, tables = [toyTable("customer")]): void {
  const options = {
    core_options: { auto_retry: true, max_rows: "9223372036854775807", timeout_seconds: "30", tables: "customer" },
    picker_options: { source_cell: "zx", target_cell: "zone1", tablet_types: "PRIMARY" },
    report_options: {},
  };
  for (const { vdiffs } of toy.engines) vdiffs.set(UUID, newVdiff({ state, tables, options }));
}

describe("stop", () => {
  test("on every shard, in vtctlclient's words", async () => {
    putAll("started");
    await type(`commerce.wf stop ${UUID}`);
    expect(toy.deeds).toEqual([`-80 stop ${UUID}`, `80- stop ${UUID}`]);
    expect(toy.notes).toEqual([`The stop action for vdiff ${UUID} is completed on target shards`]);
  });

  test("only on some shards, and the last one", async () => {
    putAll("started");
    await type("--target-shards 80- -format json commerce.wf stop last");
    expect(toy.deeds).toEqual([`80- stop ${UUID}`]);
    expect(toy.notes).toEqual([`{\n\t"UUID": "${UUID}",\n\t"Action": "stop",\n\t"Status": "completed"\n}`]);
    expect((await failing("-target-shards 40-80 commerce.wf stop last")).message).toBe(
      "no target shard 40-80 in keyspace commerce",
    );
  });

  test("one that no shard has is an error, though tablets say nothing", async () => {
    expect(await failing(`commerce.wf stop ${UUID}`)).toBeInstanceOf(NotFoundError);
    expect(toy.deeds).toEqual([]);
  });

  test("one whose tables aren't planned yet isn't stopped for good", async () => {
    putAll("pending", []);
    const error = await failing(`commerce.wf stop ${UUID}`);
    expect(error).toBeInstanceOf(ConflictError);
    expect(error.message).toContain("on shard -80 VDiff");
    expect(error.hint).toBe(`"vtmigrate VDiff commerce.wf delete ${UUID}" ends it.`);
  });

  test("the shards that answer are stopped, then the silent one is told of; unless it isn't asked", async () => {
    putAll("started");
    if (toy.engines[0]) toy.engines[0].trouble.gone = true;
    expect(await failing(`commerce.wf stop ${UUID}`)).toBeInstanceOf(UnreachableError);
    expect(toy.deeds).toEqual([`80- stop ${UUID}`]);
    expect(await failing(`-target-shards 80- commerce.wf stop ${UUID}`)).toBeUndefined();
  });

  test.each(["stop", "delete"])("%s: streams that are still held are named", async (action) => {
    putAll("started");
    Object.assign(toy.engines[1]?.streams[0] ?? {}, { state: "Stopped", message: "for vdiff" });
    await type(`commerce.wf ${action} ${UUID}`);
    expect(toy.notes[0]).toMatch(
      /^Warning: stream 7 on zone1-0000000002 is still stopped for a VDiff: .*Workflow commerce.wf start/,
    );
  });

  test("v14 can't", async () => {
    putAll("started");
    for (const engine of toy.engines) engine.version = "v14";
    const error = await failing(`commerce.wf stop ${UUID}`);
    expect(error).toBeInstanceOf(PreflightError);
    expect(error.message).toBe("the VDiff of tablet zone1-0000000001 has no stop (v14)");
  });
});

describe("delete", () => {
  test("one, or all", async () => {
    putAll("completed");
    await type(`commerce.wf delete ${UUID.toUpperCase()}`);
    putAll("completed");
    await type("commerce.wf Delete ALL");
    expect(toy.deeds).toEqual([`-80 delete ${UUID}`, `80- delete ${UUID}`, "-80 delete all", "80- delete all"]);
    expect(toy.notes).toEqual([
      `The delete action for vdiff ${UUID} is completed on target shards`,
      "The delete action for vdiff  is completed on target shards",
    ]);
  });

  test("a shard that has it not is passed over; none has it: not found", async () => {
    putAll("completed");
    toy.engines[0]?.vdiffs.clear();
    await type(`commerce.wf delete ${UUID}`);
    expect(await failing(`commerce.wf delete ${UUID}`)).toBeInstanceOf(NotFoundError);
    expect((await failing("commerce.wf delete last")).message).toBe("No previous vdiff found for commerce.wf");
  });
});

describe("delete, when something is gone", () => {
  test.each([UUID, "all"])("%s, of a workflow whose streams are gone", async (which) => {
    putAll("error");
    for (const { streams } of toy.engines) streams.length = 0;
    await type(`commerce.wf delete ${which}`);
    expect(toy.engines.map(({ vdiffs }) => vdiffs.size)).toEqual([0, 0]);
    expect(await failing(`commerce.wf delete ${which}`)).toBeInstanceOf(NotFoundError);
  });

  test("on the shards that answer, then the silent one is told of", async () => {
    putAll("completed");
    if (toy.engines[0]) toy.engines[0].trouble.gone = true;
    expect(await failing(`commerce.wf delete ${UUID}`)).toBeInstanceOf(UnreachableError);
    expect(toy.engines.map(({ vdiffs }) => vdiffs.size)).toEqual([1, 0]);
  });
});

describe("resume", () => {
  test("with the options that it has, once all shards can", async () => {
    putAll("stopped");
    await type(`commerce.wf resume ${UUID}`);
    expect(toy.deeds).toEqual([`-80 resume ${UUID}`, `80- resume ${UUID}`]);
    expect(toy.notes).toContain(`VDiff ${UUID} scheduled to resume on target shards, use show to view progress`);
  });

  test.each(["started", "error", "pending"])("not one that is %s somewhere", async (state) => {
    putAll("stopped");
    toy.engines[1]?.vdiffs.set(UUID, newVdiff({ state }));
    const error = await failing(`commerce.wf resume ${UUID}`);
    expect(error).toBeInstanceOf(ConflictError);
    expect(error.message).toBe(
      `no completed or stopped vdiff found for UUID ${UUID} on tablet zone1-0000000002: it is ${state}`,
    );
    expect(toy.deeds).toEqual([]);
  });

  test("cells that are no more are found out before", async () => {
    putAll("stopped");
    for (const { vdiffs } of toy.engines) {
      const options = vdiffs.get(UUID)?.options;
      if (options?.picker_options) options.picker_options.source_cell = "gone";
    }
    expect((await failing(`commerce.wf resume ${UUID}`)).message).toBe("no cell gone in the source cluster");
  });

  test("when a shard fails, those that go on are named", async () => {
    putAll("stopped");
    const [, second] = toy.engines;
    if (second === undefined) throw new Error("no second engine");
    second.onCall = ({ action }) => {
      if (action === "resume") throw new FailedError("oops");
    };
    expect((await failing(`commerce.wf resume ${UUID}`)).message).toBe("oops");
    expect(toy.notes.join("\n")).toContain(`VDiff ${UUID} was resumed on shard -80.`);
  });
});

describe("words", () => {
  test.each([
    [
      "commerce.wf frobnicate",
      "usage: VDiff -- <keyspace>.<workflow> create|show|stop|resume|delete [all|last|<UUID>]",
    ],
    ["commerce.wf show", "usage: VDiff -- <keyspace>.<workflow> create|show|stop|resume|delete [all|last|<UUID>]"],
    ["commerce.wf create abc", "invalid UUID length: 3, please provide a valid UUID"],
    ["commerce.wf create x1111111-2222-3333-4444-555555555555", "invalid UUID format, please provide a valid UUID"],
    [
      "commerce.wf show abc",
      "can only show a specific vdiff, please provide a valid UUID; view all with: VDiff -- commerce.wf show all",
    ],
    [
      "commerce.wf stop all",
      "can only stop a specific vdiff, please provide a valid UUID; view all with: VDiff -- commerce.wf show all",
    ],
    [
      "commerce.wf resume all",
      "can only resume a specific vdiff, please provide a valid UUID; view all with: VDiff -- commerce.wf show all",
    ],
    [
      "commerce.wf delete x",
      "can only delete a specific vdiff, please provide a valid UUID; view all with: VDiff -- commerce.wf show all",
    ],
    ["commerce show all", "invalid format for <keyspace.workflow>: commerce"],
    [
      "-limit 0 commerce.wf create",
      "invalid --limit value (0), maximum number of rows to compare needs to be greater than 0",
    ],
    ["-max-report-sample-rows -1 commerce.wf create", "-max-report-sample-rows must not be a negative value"],
    ["-format xml commerce.wf show all", "unknown format xml"],
  ])("%s", async (line, message) => {
    const error = await failing(line);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toBe(message);
  });

  test("flags that do nothing for an action are named", async () => {
    putAll("completed");
    await type(`-only_pks -wait-update-interval 3s -verbose -v2 commerce.wf show ${UUID}`);
    expect(toy.notes[0]).toBe("No effect on VDiff show: -only_pks, -wait-update-interval");
  });
});

describe("streams that are deleted", () => {
  /** A tablet that finds a VDiff without streams ends, time and again. */
  test("go after the VDiffs of their workflow", async () => {
    putAll("error");
    const order: string[] = [];
    for (const { tablet, shard } of toy.engines) {
      const { vdiff: act, vreplicationExec: exec } = tablet;
      tablet.vdiff = (call) => {
        order.push(`${shard} VDiff ${call.action} ${call.actionArg}`);
        return act(call);
      };
      tablet.vreplicationExec = async (query, options) => {
        if (!query.startsWith("delete")) return exec(query, options);
        order.push(`${shard} ${query.slice(0, 28)}`);
        return { fields: [], rows: [], rowsAffected: 1, insertId: 0n };
      };
    }
    await run(workflow, ["commerce.wf", "delete"], toy.ctx);
    for (const shard of ["-80", "80-"]) {
      expect(order.filter((deed) => deed.startsWith(`${shard} `))).toEqual([
        `${shard} VDiff delete all`,
        `${shard} delete from _vt.vreplication`,
      ]);
    }
  });

  test("stay everywhere when one tablet can't delete its VDiffs", async () => {
    putAll("pending");
    const deleted = watchDeletions();
    if (toy.engines[1]) {
      toy.engines[1].onCall = ({ action }) => {
        if (action === "delete") throw new FailedError("disk full");
      };
    }
    const deleting = run(workflow, ["commerce.wf", "delete"], toy.ctx);
    await expect(deleting).rejects.toThrow("disk full");
    const targets = toy.engines.map(({ tablet }) => ({ primary: tablet }) as Target);
    await expect(deleteStreams(targets, { keyspace: "commerce", workflow: "wf" })).rejects.toThrow("disk full");
    expect(deleted).toEqual([]);
  });

  test.each(["v11", "v14"] as const)("go without them on %s, which can't delete a VDiff", async (version) => {
    for (const engine of toy.engines) engine.version = version;
    const deleted = watchDeletions();
    await run(workflow, ["commerce.wf", "delete"], toy.ctx);
    expect(deleted).toEqual(["-80", "80-"]);
  });

  /** The shards whose streams are deleted. */
  function watchDeletions(): string[] {
    const deleted: string[] = [];
    for (const { tablet, shard } of toy.engines) {
      const { vreplicationExec: exec } = tablet;
      tablet.vreplicationExec = async (query, options) => {
        if (!query.startsWith("delete")) return exec(query, options);
        deleted.push(shard);
        return { fields: [], rows: [], rowsAffected: 1, insertId: 0n };
      };
    }
    return deleted;
  }
});
