import { beforeEach, describe, expect, test } from "vitest";
import { vdiff } from "../../../../src/commands/vdiff/index.js";
import { ConflictError, FailedError, NotFoundError, PreflightError, UnreachableError } from "../../../../src/errors.js";
import type { VDiffOptions } from "../../../../src/wire/generated/tabletmanagerdata/VDiffOptions.js";
import { run } from "../../../support/run-command.js";
import { newVdiff } from "./toy-engine.js";
import { record, type ToyEngines, toyEngines } from "./toy-engines.js";

const UUID = "11111111-2222-3333-4444-555555555555";

let toy: ToyEngines;
beforeEach(() => {
  toy = toyEngines();
});

const create = (...words: string[]) => run(vdiff, [...words, "commerce.wf", "create", UUID], toy.ctx);
const refused = (...words: string[]) =>
  create(...words).then(
    () => undefined,
    (error) => error,
  );

function sent(shard = 0): VDiffOptions | undefined {
  return toy.engines[shard]?.vdiffs.get(UUID)?.options;
}

describe("what the tablets are sent", () => {
  test("without flags: all three parts, with vtctldclient's defaults, and every cell of each cluster", async () => {
    await create();
    expect(sent(0)).toEqual({
      picker_options: { tablet_types: "PRIMARY", source_cell: "zx", target_cell: "zone1" },
      core_options: {
        tables: "",
        auto_retry: true,
        max_rows: "9223372036854775807",
        checksum: false,
        sample_pct: "100",
        timeout_seconds: "30",
        max_extra_rows_to_compare: "1000",
        update_table_stats: false,
        max_diff_seconds: "0",
        auto_start: true,
      },
      report_options: {
        only_pks: false,
        debug_query: false,
        format: "text",
        max_sample_rows: "10",
        row_diff_column_truncate_at: "128",
      },
    });
    expect(sent(1)).toEqual(sent(0));
    expect(toy.notes).toContain(`VDiff ${UUID} scheduled on target shards, use show to view progress`);
  });

  test("each flag has its field", async () => {
    await run(
      vdiff,
      `-source_cell zx --target-cells=zone1 -tablet_types PRIMARY,rdonly -tablet-types-in-preference-order -tables customer,corder commerce.wf CREATE ${UUID.toUpperCase()} -limit 5 -only_pks --debug-query --max_extra_rows_to_compare=7 -max-report-sample-rows 3 -max-diff-duration 90s -row-diff-column-truncate-at 9 -update_table_stats -resumable=false -filtered_replication_wait_time 1500ms`.split(
        " ",
      ),
      toy.ctx,
    );
    expect(sent()).toMatchObject({
      picker_options: { tablet_types: "in_order:PRIMARY,RDONLY", source_cell: "zx", target_cell: "zone1" },
      core_options: {
        tables: "customer,corder",
        auto_retry: false,
        max_rows: "5",
        timeout_seconds: "2",
        max_extra_rows_to_compare: "7",
        update_table_stats: true,
        max_diff_seconds: "90",
      },
      report_options: { only_pks: true, debug_query: true, max_sample_rows: "3", row_diff_column_truncate_at: "9" },
    });
  });

  test("the source is read from the types that only it has, the target from its primary", async () => {
    toy.others.source.push(record("zx", 7, "RDONLY", "0", "shop"), record("zx", 8, "REPLICA", "0", "shop"));
    toy.others.target.push(record("zone1", 9, "REPLICA"));
    await create();
    expect(sent()?.picker_options?.tablet_types).toBe("in_order:RDONLY,PRIMARY");
  });

  test("where the target's primary is in no wanted cell, the types are PRIMARY alone, which cells don't bind", async () => {
    toy.others.source.push(record("zx", 7, "RDONLY", "0", "shop"));
    toy.others.target.push({ ...record("zone2", 9, "REPLICA"), cell: "zone2" });
    await create("-target_cell", "zone2");
    expect(sent()?.picker_options).toEqual({ tablet_types: "PRIMARY", source_cell: "zx", target_cell: "zone2" });
  });

  test("a target that would be read from a replica is warned of", async () => {
    toy.others.source.push(record("zx", 8, "REPLICA", "0", "shop"));
    toy.others.target.push(record("zone1", 9, "REPLICA", "80-"));
    await create("-tablet_types", "in_order:REPLICA,PRIMARY");
    expect(toy.notes.join("\n")).toMatch(/^Warning: .* the target may be read from a replica, which isn't waited for/m);
  });

  test("no retries where the source's keyspace is unknown to the target's topology, unless asked for", async () => {
    toy.vschemas.delete("shop");
    await create();
    expect(sent()?.core_options?.auto_retry).toBe(false);
    expect(toy.notes.join("\n")).toContain("Errors are not tried again: keyspace shop has no VSchema in this cluster");
    for (const { vdiffs } of toy.engines) vdiffs.clear();
    await create("-auto-retry");
    expect(sent()?.core_options?.auto_retry).toBe(true);
  });
});

describe("refuses before anything is created", () => {
  test.each([
    [["-source_cell", "zz"], NotFoundError, "no cell zz in the source cluster"],
    [["-target_cell", "zx"], NotFoundError, "no cell zx in the target cluster"],
    [["-tables", "customer,nope"], NotFoundError, "one or more tables provided are not present in the workflow: nope"],
    [
      ["-tablet_types", "RDONLY"],
      PreflightError,
      "no rdonly tablet to read from: shop/0 has zx-0000000001 (primary); commerce/-80 has zone1-0000000001 (primary); commerce/80- has zone1-0000000002 (primary)",
    ],
  ])("%s", async (words, kind, message) => {
    const error = await refused(...words);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toBe(message);
    expect(toy.deeds).toEqual([]);
  });

  test.each([
    ["a stopped stream", { state: "Stopped", message: "" }, /is stopped: a VDiff needs it running/],
    ["a frozen one", { state: "Stopped", message: "FROZEN" }, /writes have been already been switched/],
    ["one in error", { state: "Error", message: "oops" }, /is in error: oops/],
    [
      "one that ended with its copy",
      { state: "Stopped", message: "Stopped after copy." },
      /^not all streams are running in workflow commerce.wf: 7 on zone1-0000000002 is Stopped/,
    ],
    [
      "one that is to stop somewhere",
      { stop_pos: "MySQL56/0161eb37-e68d-11f1-a320-02fc00000001:1-99" },
      /is to stop at MySQL56/,
    ],
    [
      "one that a VDiff holds",
      { state: "Stopped", message: "for vdiff" },
      /a VDiff of commerce.wf was killed and has left stream 7/,
    ],
  ])("%s", async (_, stream, message) => {
    Object.assign(toy.engines[1]?.streams[0] ?? {}, stream);
    const error = await refused();
    expect(error).toBeInstanceOf(ConflictError);
    expect(error.message).toMatch(message);
    expect(toy.deeds).toEqual([]);
  });

  test.each([
    ["v11", /^tablet zone1-0000000001 has no VDiff \(v11 to v13\)/, false],
    ["v14", /in its own cluster \(v14\): it would wait for ever/, true],
    ["v16", /may crash its tablet .*\(v15 to v17\)/, true],
  ] as const)("tablets of %s; -force overrules where there is a VDiff", async (version, message, forcible) => {
    for (const engine of toy.engines) engine.version = version;
    const error = await refused();
    expect(error).toBeInstanceOf(PreflightError);
    expect(error.message).toMatch(message);
    expect(error.hint).toContain('"VDiff commerce.wf", without an action, compares from here on every version.');
    expect(toy.deeds).toEqual([]);
    const forced = await refused("-force");
    expect(forced === undefined).toBe(forcible);
    if (forcible) expect(toy.notes.filter((note) => /^Warning: the VDiff of tablet/.test(note))).toHaveLength(2);
  });

  test("another VDiff at work, and one in error that is tried again; not one that has ended", async () => {
    const other = "22222222-2222-3333-4444-555555555555";
    toy.engines[1]?.vdiffs.set(other, newVdiff({ state: "started" }));
    const error = await refused();
    expect(error).toBeInstanceOf(ConflictError);
    expect(error.message).toBe(`the tablets' own VDiff ${other} of commerce.wf is started on 80-/zone1-0000000002`);
    const retried = newVdiff({ state: "error", last_error: "oops", options: { core_options: { auto_retry: true } } });
    toy.engines[1]?.vdiffs.set(other, retried);
    expect((await refused()).message).toContain("is in error on 80-/zone1-0000000002 and tried again every 30 s: oops");
    expect(toy.deeds).toEqual([]);
    toy.engines[1]?.vdiffs.set(other, newVdiff({ state: "error" }));
    expect(await refused()).toBeUndefined();
  });
});

test("streams that are deleted while it is prepared: nothing is sent, which would end the tablet", async () => {
  const [, second] = toy.engines;
  if (second === undefined) throw new Error("no second engine");
  second.onCall = () => {
    second.streams.length = 0;
  };
  const error = await refused();
  expect(error).toBeInstanceOf(ConflictError);
  expect(error.message).toBe("the streams of commerce.wf on target shard 80- were deleted meanwhile");
  expect(toy.deeds).toEqual([]);
});

test("an engine that is closed hides no other shard's VDiff", async () => {
  const other = "22222222-2222-3333-4444-555555555555";
  toy.engines[1]?.vdiffs.set(other, newVdiff({ state: "started" }));
  if (toy.engines[0]) {
    toy.engines[0].onCall = ({ action }) => {
      if (action === "show") throw new UnreachableError("vdiff engine is closed");
    };
  }
  const error = await refused();
  expect(error).toBeInstanceOf(ConflictError);
  expect(error.message).toContain(other);
});

describe("when one tablet of several fails", () => {
  const fail = (error: Error) => {
    const [, second] = toy.engines;
    if (second === undefined) throw new Error("no second engine");
    second.onCall = ({ action }) => {
      if (action === "create") throw error;
    };
  };

  test("it is taken back from the others", async () => {
    fail(new FailedError("tablet zone1-0000000002: disk full"));
    expect((await refused()).message).toBe("tablet zone1-0000000002: disk full");
    expect(toy.deeds).toEqual([`-80 create ${UUID}`, `-80 stop ${UUID}`, `-80 delete ${UUID}`]);
    expect(toy.notes.at(-1)).toBe(`VDiff ${UUID} was taken back from shard -80, 80-.`);
  });

  test("also from one whose answer was lost", async () => {
    const [, second] = toy.engines;
    if (second === undefined) throw new Error("no second engine");
    second.onCall = ({ action, options }) => {
      if (action !== "create") return;
      second.vdiffs.set(UUID, newVdiff({ options }));
      throw new UnreachableError("no answer");
    };
    expect((await refused()).message).toBe("no answer");
    expect(toy.engines.map(({ vdiffs }) => vdiffs.size)).toEqual([0, 0]);
    expect(toy.notes.at(-1)).toBe(`VDiff ${UUID} was taken back from shard -80, 80-.`);
  });

  test("also from one that failed behind its beginning", async () => {
    const [, second] = toy.engines;
    if (second === undefined) throw new Error("no second engine");
    second.onCall = ({ action, options }) => {
      if (action !== "create") return;
      second.vdiffs.set(UUID, newVdiff({ options }));
      throw new FailedError("lost connection to MySQL");
    };
    expect((await refused()).message).toBe("lost connection to MySQL");
    expect(toy.engines.map(({ vdiffs }) => vdiffs.size)).toEqual([0, 0]);
  });

  test("not from one that had it before", async () => {
    toy.engines[1]?.vdiffs.set(UUID, newVdiff({ state: "completed" }));
    expect(await refused()).toBeInstanceOf(ConflictError);
    expect(toy.engines.map(({ vdiffs }) => vdiffs.size)).toEqual([0, 1]);
  });

  test("what could not be taken back is said", async () => {
    fail(new FailedError("disk full"));
    const [first] = toy.engines;
    if (first === undefined) throw new Error("no engine");
    first.onCall = ({ action }) => {
      if (action === "delete") throw new FailedError("read only");
    };
    const error = await refused();
    expect(error.message).toBe("disk full");
    expect(error.hint).toBe(`It may be at work there: vtmigrate VDiff commerce.wf delete ${UUID}`);
    expect(toy.notes.at(-1)).toBe(
      `VDiff ${UUID} was taken back from shard 80-. It could not be taken back from shard -80: read only`,
    );
  });
});

describe("options that the version doesn't know", () => {
  /** Stores what it knows. */
  function forget(...fields: string[]): void {
    for (const engine of toy.engines) {
      engine.onCall = ({ action, options }) => {
        if (action !== "create") return;
        for (const part of [options?.core_options, options?.report_options]) {
          for (const field of fields) if (part) Reflect.deleteProperty(part, field);
        }
      };
    }
  }

  test("are named", async () => {
    forget("max_diff_seconds", "auto_start");
    await create("-max-diff-duration", "10m");
    expect(toy.notes).toContain(
      "Warning: without effect on tablet zone1-0000000001, whose version doesn't know it: max_diff_seconds",
    );
  });

  test("are not known when the tablet doesn't tell: it runs all the same", async () => {
    const [, second] = toy.engines;
    if (second === undefined) throw new Error("no second engine");
    second.onCall = ({ action }) => {
      if (action === "show" && second.vdiffs.size > 0) throw new UnreachableError("gone");
    };
    expect(await refused()).toBeUndefined();
    expect(toy.notes.join("\n")).toContain(`Warning: VDiff ${UUID} has begun; whether all options have an effect`);
    expect(toy.engines.map(({ vdiffs }) => vdiffs.size)).toEqual([1, 1]);
  });

  test("-auto-start=false would start it: taken back", async () => {
    forget("auto_start");
    const error = await refused("-auto-start=false");
    expect(error).toBeInstanceOf(PreflightError);
    expect(error.message).toBe("tablet zone1-0000000001 can't create a VDiff without starting it (before v21)");
    expect(toy.engines.map(({ vdiffs }) => vdiffs.size)).toEqual([0, 0]);
  });
});
