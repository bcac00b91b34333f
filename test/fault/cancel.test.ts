/** Cancel, cut short anywhere: a second one ends it. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { migrate } from "../../src/commands/migrate/index.js";
import { ConflictError } from "../../src/errors.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import type { TabletClients } from "../../src/tablet/port.js";
import type { Topo } from "../../src/topo/port.js";
import { decode } from "../../src/wire/proto.js";
import { updateRecord } from "../../src/workflow/record.js";
import type { CliResult } from "../support/cli.js";
import { expireLocks } from "../support/expire-locks.js";
import { afterStatement, Lab, type LabOptions } from "../support/lab.js";
import { run } from "../support/run-command.js";
import { context } from "../support/toy-clusters.js";

const twoByTwo = { sourceShards: ["-80", "80-"], targetShards: ["-80", "80-"] };
const shapes: [string, LabOptions, number][] = [
  ["1:1", {}, 8],
  ["2 by 2 shards", twoByTwo, 9],
];

describe.each(shapes)("%s", (_name, shape, steps) => {
  let lab: Lab;
  let tablets: TabletClients;

  beforeAll(async () => {
    lab = await Lab.start({ rows: 20, ...shape });
  }, 120_000);
  afterAll(() => lab?.close());
  beforeEach(() => {
    tablets = createTabletClients();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    for (const tablet of lab.sandbox.target.tablets) tablet.resume();
    tablets.close();
    await lab.clear();
  });

  const act = (line: string, topo = lab.topo) => {
    const out = { notes: [], written: [], progress: [] };
    return run(migrate, line.split(" "), context(topo, tablets, new AbortController().signal, out));
  };

  /** A workflow of which Create has added an entry to the VSchema. */
  async function create(): Promise<void> {
    await act("-all -source ext1.commerce Create commerce.wf");
    await lab.topo.addVSchemaTables("commerce", ["added"]);
    await updateRecord(lab.topo, "commerce", "wf", (record) => {
      record.addedVSchemaTables = ["added"];
    });
  }

  const tables = () => lab.primaries("target").map(({ mysql, dbName }) => mysql.tables(dbName).map(({ name }) => name));

  async function expectNothingLeft(when: string): Promise<void> {
    expect(tables().flat(), when).toEqual([]);
    expect(lab.streams(), when).toEqual([]);
    expect(await lab.record("wf"), when).toBeUndefined();
    expect(await lab.locks(), when).toEqual([]);
    const served = decode("vschema.SrvVSchema", await lab.topo.srvVSchema("zone1"));
    expect(Object.keys(served.keyspaces.commerce?.tables ?? {}), when).not.toContain("added");
  }

  it("before each of its steps", async () => {
    for (let at = 1; ; at++) {
      await create();
      const cut = losingLocks(lab.topo, at);
      const outcome = await act("Cancel commerce.wf", cut.topo).then(
        () => "done",
        (error: unknown) => error,
      );
      if (!cut.lost()) {
        expect([outcome, at]).toEqual(["done", steps + 1]);
        break;
      }
      expect(outcome, `before step ${at}`).toBeInstanceOf(ConflictError);
      await act("Cancel commerce.wf");
      await expectNothingLeft(`cut before step ${at}`);
    }
    await expectNothingLeft("not cut");
  }, 120_000);

  it.each([
    ["while tables are dropped", /^drop table if exists .*customer/i],
    ["while streams are deleted", /^delete from _vt\.vreplication\b/i],
  ])("by kill -9 %s", async (_when, statement) => {
    await create();
    const primary = lab.primaries("target").at(-1) ?? lab.primary("target");
    let kill = (_signal: NodeJS.Signals) => {};
    const result: Promise<CliResult> = lab.type("Migrate Cancel commerce.wf", {
      onStart: (send) => {
        kill = send;
      },
    });
    await afterStatement(primary, statement, () => {
      for (const tablet of lab.primaries("target")) tablet.pause();
    });
    kill("SIGKILL");
    expect((await result).signal).toBe("SIGKILL");
    vi.restoreAllMocks();
    for (const tablet of lab.primaries("target")) tablet.resume();
    await expireLocks(lab);
    expect(await lab.record("wf")).toMatchObject({ step: "cancelling" });
    const second = await lab.type("Migrate Cancel commerce.wf");
    expect(second.code, second.stderr).toBe(0);
    await expectNothingLeft("after the second");
  });
});

/** What a process sees that loses its keyspace lock before step `at`. */
function losingLocks(topo: Topo, at: number): { topo: Topo; lost: () => boolean } {
  let checks = 0;
  const lockKeyspace: Topo["lockKeyspace"] = async (...args) => {
    const lock = await topo.lockKeyspace(...args);
    const check = async () => {
      checks++;
      if (checks >= at) throw new ConflictError("the lease is gone");
    };
    return { dir: lock.dir, lost: lock.lost, release: () => lock.release(), check };
  };
  return { topo: { ...topo, lockKeyspace }, lost: () => checks >= at };
}
