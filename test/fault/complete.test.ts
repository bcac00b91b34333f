/** Complete, cut short at each of its changes over real sockets; a second one finishes what the first began. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { migrate } from "../../src/commands/migrate/index.js";
import { UnreachableError } from "../../src/errors.js";
import { decode } from "../../src/wire/proto.js";
import { Lab, type LabOptions, sql } from "../support/lab.js";
import { type Change, diesAfter, type LabContext, labContext } from "../support/lab-context.js";
import { run } from "../support/run-command.js";

const tables = ["corder", "customer", "kinds", "notes", "product"];
const halves = ["-80", "80-"];

const shapes: [name: string, options: LabOptions][] = [
  ["1 to 1", {}],
  ["2 to 2 shards of other ranges", { sourceShards: halves, targetShards: ["-40", "40-"] }],
];

describe.each(shapes)("%s", (_name, options) => {
  const isSharded = options.targetShards !== undefined;
  let lab: Lab;
  const opened: LabContext[] = [];

  beforeAll(async () => {
    lab = await Lab.start({ rows: 20, ...options });
  }, 120_000);

  afterAll(() => lab?.close());

  afterEach(async () => {
    vi.restoreAllMocks();
    for (const tablet of lab.sandbox.target.tablets) tablet.resume();
    for (const context of opened.splice(0)) context.close();
    await lab.clear();
    await allowAll();
  });

  async function open(hooks?: Parameters<typeof labContext>[1]): Promise<LabContext> {
    const context = await labContext(lab, hooks);
    opened.push(context);
    return context;
  }

  async function create(): Promise<void> {
    const { ctx } = await open();
    await run(migrate, "-all -source ext1.commerce -wait Create commerce.wf".split(" "), ctx);
    await lab.deny([...tables, "other"]);
  }

  const complete = ({ ctx }: LabContext) => run(migrate, ["Complete", "commerce.wf"], ctx);

  async function allowAll(): Promise<void> {
    for (const { name } of await lab.topo.shards("commerce")) {
      await lab.topo.removeDeniedTables("commerce", name, [...tables, "other"]);
    }
  }

  /** The application's last writes, one in each shard of the source. */
  function lastWrites(text: string): void {
    for (const primary of lab.primaries("source")) sql(primary, `update customer set email = '${text}'`);
  }

  /** The VSchema is written, or it would have been if there had been anything to write. */
  async function announced(): Promise<boolean> {
    const record = await lab.record("wf");
    if (record?.step !== "announcing") return record?.step === "announced";
    const { contents } = await lab.topo.vschema("commerce");
    const added = record.addedVSchemaTables as string[];
    return added.length > 0 && added.every((table) => table in decode("vschema.Keyspace", contents).tables);
  }

  async function expectCompleted(): Promise<void> {
    expect(lab.streams()).toEqual([]);
    expect(await lab.record("wf")).toBeUndefined();
    expect(await lab.locks()).toEqual([]);
    const vschema = decode("vschema.Keyspace", (await lab.topo.vschema("commerce")).contents);
    expect(Object.keys(vschema.tables)).toEqual(expect.arrayContaining(tables));
    for (const cell of await lab.topo.cells()) {
      const served = decode("vschema.SrvVSchema", await lab.topo.srvVSchema(cell));
      expect(served.keyspaces.commerce).toEqual(vschema);
    }
    for (const { tabletControls } of await lab.topo.shards("commerce")) {
      expect(tabletControls).toMatchObject([{ denied_tables: ["other"] }]);
    }
    expect(await lab.queryTarget({ keyspace: "commerce", table: "customer" })).toHaveLength(20);
    for (const table of tables) expect(lab.rowsOf("target", table), table).toEqual(lab.rowsOf("source", table));
  }

  /** Runs Complete with something wrong at change 0, 1, 2, ... until nothing is wrong any more; returns the changes. */
  async function atEachChange(
    hooks: (index: number) => Parameters<typeof labContext>[1],
    between: (first: LabContext) => Promise<void>,
  ): Promise<Change[]> {
    for (let index = 0; ; index++) {
      await create();
      const first = await open(hooks(index));
      const outcome = await complete(first).then(
        () => "done",
        () => "cut short",
      );
      if (first.changes.length <= index) {
        expect(outcome).toBe("done");
        await expectCompleted();
        await allowAll();
        return first.changes;
      }
      await between(first);
      const second = await open();
      // The last change of all is the record's end: a lost answer to that leaves nothing to do.
      if ((await lab.record("wf")) !== undefined || lab.streams().length > 0) await complete(second);
      await expectCompleted();
      await allowAll();
      await lab.clear();
    }
  }

  it("killed before each change: the second run brings the last writes over and ends it", async () => {
    let forward = 0;
    const changes = await atEachChange(diesAfter, async () => {
      if (await announced()) forward++;
      else lastWrites(`later-${Math.random()}`);
    });
    expect(forward).toBeGreaterThan(3);
    expect(changes.some((change) => change.includes("set state = 'Stopped'"))).toBe(true);
  }, 240_000);

  // Sharding adds nothing to how a step is taken back.
  if (!isSharded)
    it("a change fails although it is made: taken back or gone forward, and the second run ends it", async () => {
      const answerLost = (index: number) => ({
        after: (change: Change, at: number) => {
          if (at === index) throw new UnreachableError(`no answer to: ${change}`);
        },
      });
      await atEachChange(answerLost, async () => {
        const record = await lab.record("wf");
        if (record?.step !== "created") return;
        expect(lab.streams().map((stream) => stream.state)).toEqual(lab.streams().map(() => "Running"));
        lastWrites(`later-${Math.random()}`);
      });
    }, 240_000);

  // Sharding adds nothing to how a step is taken back.
  if (!isSharded)
    it("interrupted before each change: taken back or gone forward, and the second run ends it", async () => {
      let told = 0;
      for (let index = 0; ; index++) {
        await create();
        const first = await open({ before: (_, at) => at === index && first.interrupt.abort() });
        const failed = await complete(first).then(
          () => false,
          () => true,
        );
        if (!failed) break;
        const record = await lab.record("wf");
        const text = first.notes.join("\n");
        if (await announced()) {
          expect(text).toContain("The tables are announced: run Migrate Complete commerce.wf again to finish.");
          told++;
        } else {
          expect(record?.step ?? "created").toBe("created");
          expect(text).not.toContain("could not be undone");
          expect(lab.streams().map((stream) => stream.state)).toEqual(lab.streams().map(() => "Running"));
          lastWrites(`later-${Math.random()}`);
        }
        await complete(await open());
        await expectCompleted();
        await allowAll();
        await lab.clear();
      }
      expect(told).toBeGreaterThan(1);
      await expectCompleted();
      await allowAll();
    }, 240_000);

  it("a lock that is lost at a step: nothing further is changed", async () => {
    await create();
    const context = await open();
    const topo = await context.ctx.topo();
    let checks = 0;
    const lockKeyspace: typeof topo.lockKeyspace = async (...request) => {
      const lock = await topo.lockKeyspace(...request);
      return Object.assign(Object.create(lock), {
        check: async () => {
          if (++checks > 2) throw new Error("lost");
        },
      });
    };
    const ctx = { ...context.ctx, topo: async () => Object.assign(Object.create(topo), { lockKeyspace }) };
    await expect(run(migrate, ["Complete", "commerce.wf"], ctx)).rejects.toThrow("lost");
    expect(lab.streams().map((stream) => stream.state)).toEqual(lab.streams().map(() => "Stopped"));
    expect(await lab.record("wf")).toMatchObject({ step: "completing" });
    lastWrites("after the lock was lost");
    await complete(await open());
    await expectCompleted();
    await allowAll();
  }, 60_000);

  it("a target tablet that is gone when the streams are to be stopped: those that were stopped run again", async () => {
    await create();
    const [first, ...others] = lab.primaries("target");
    const gone = others.at(-1) ?? first;
    const context = await open({
      before: (change) => {
        if (!change.startsWith(`${gone?.alias} vreplicationExec`) || !change.includes("'Stopped'")) return;
        throw new UnreachableError(`tablet ${gone?.alias} doesn't answer`);
      },
    });
    await expect(complete(context)).rejects.toThrow("doesn't answer");
    expect(lab.streams().map((stream) => stream.state)).toEqual(lab.streams().map(() => "Running"));
    expect(await lab.record("wf")).toMatchObject({ step: "created" });
    expect(context.notes).toContain("undone: the streams' stop");
  });
});
