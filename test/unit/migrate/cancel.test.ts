import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../../src/commands/migrate/index.js";
import { ConflictError, NotFoundError, PreflightError } from "../../../src/errors.js";
import { rowsText } from "../../../src/migrate/end/row-counts.js";
import type { Topo } from "../../../src/topo/port.js";
import { decode } from "../../../src/wire/proto.js";
import { type RecordStep, readRecord, updateRecord, type WorkflowRecord } from "../../../src/workflow/record.js";
import { run } from "../../support/run-command.js";
import { startToyClusters, type ToyClusters } from "../../support/toy-clusters.js";

let clusters: ToyClusters;
beforeEach(async () => {
  clusters = await startToyClusters();
  await act("-all -auto_start=false -source ext1.commerce Create commerce.wf");
  for (const row of target().rows) row.state = "Running";
  target().run();
  target().calls.length = 0;
  clusters.notes.length = 0;
});
afterEach(() => clusters.stop());

const act = (line: string) => run(migrate, line.split(" "), clusters.ctx);
const target = () => clusters.target.primary;
const record = () => readRecord(clusters.target.topo, "commerce", "wf");
const forget = () => clusters.target.topo.deleteWorkflowRecord("commerce", "wf");
const tables = () => [...target().tables.keys()].sort();

const change = (edit: (record: WorkflowRecord) => void) => updateRecord(clusters.target.topo, "commerce", "wf", edit);
const setStep = (step: RecordStep) =>
  change((stored) => {
    stored.step = step;
  });

const TABLES = ["corder", "customer", "product"];
const DONE =
  "was successful for workflow commerce.wf\nStart State: Reads Not Switched. Writes Not Switched\nCurrent State: Workflow Not Found\n\n";

describe("Cancel", () => {
  it("drops what the record names and nothing else, without the source or its mount", async () => {
    target().table("theirs", 3);
    await clusters.target.topo.deleteMount("ext1");
    clusters.source.primary.stop();
    await act("Cancel commerce.wf");
    expect(clusters.answer()).toMatch(new RegExp(`Cancel ${DONE}$`));
    expect([...target().tables.keys()]).toEqual(["theirs"]);
    expect([target().rows, await record()]).toEqual([[], undefined]);
    await expect(act("Cancel commerce.wf")).rejects.toThrow("workflow commerce.wf does not exist");
  });

  it("keeps tables that were there before Create", async () => {
    await act("Cancel commerce.wf");
    target().table("product");
    await act("-all -auto_start=false -source ext1.commerce Create commerce.wf");
    await act("Cancel commerce.wf");
    expect([...target().tables.keys()]).toEqual(["product"]);
    expect(clusters.notes).toContain("Warning: table product stays on 0: it was there before Create.");
  });

  it("keeps the tables with -keep_data", async () => {
    await act("-keep_data Cancel commerce.wf");
    expect([...target().tables.keys()].sort()).toEqual(TABLES);
    expect(target().rows).toEqual([]);
  });

  it("goes on where it was cut short", async () => {
    target().failures.push({ method: "ApplySchema", code: 2, details: "disk full" });
    await expect(act("Cancel commerce.wf")).rejects.toThrow("disk full");
    expect(target().rows).toMatchObject([{ state: "Stopped" }]);
    await act("Cancel commerce.wf");
    expect([target().rows, target().tables.size, await record()]).toEqual([[], 0, undefined]);
  });

  it("clears up after a Create that died before its first stream", async () => {
    target().rows = [];
    await setStep("creating");
    await act("Cancel commerce.wf");
    expect([target().tables.size, await record()]).toEqual([0, undefined]);
  });

  it("drops no table that somebody filled after a Create that died before its first stream", async () => {
    target().rows = [];
    await setStep("creating");
    target().table("customer", 5);
    await act("Cancel commerce.wf");
    expect([[...target().tables.keys()], await record()]).toEqual([["customer"], undefined]);
    expect(clusters.notes).toContain(
      "Warning: table customer stays on 0: it has rows, and no stream of this workflow is left.",
    );
  });

  it("drops nothing of a workflow that another tool has ended, and forgets it with -keep_data", async () => {
    target().rows = [];
    for (const table of TABLES) target().table(table, 5);
    for (const step of ["created", "completing", "announcing"] as const) {
      await setStep(step);
      await expect(act("Cancel commerce.wf")).rejects.toThrow(
        /wf does not exist: another tool has deleted its streams/,
      );
      await expect(act("-dry_run Cancel commerce.wf")).rejects.toThrow(NotFoundError);
      await expect(act("Complete commerce.wf")).rejects.toThrow(NotFoundError);
    }
    await act("-keep_data Cancel commerce.wf");
    expect([[...target().tables.keys()].sort(), await record()]).toEqual([TABLES, undefined]);
  });

  it("keeps tables that another workflow fills, and those that its streams of today don't", async () => {
    const [row] = target().rows;
    const source = row?.source ?? "";
    const rule = /rules:\{match:"(corder|customer)"[^}]*\} ?/g;
    Object.assign(row ?? {}, { source: source.replace(/rules:\{match:"corder"[^}]*\} ?/, "") });
    target().rows.push({ ...row, id: "77", workflow: "wf2", source: source.replace(rule, "") });
    await act("-dry_run Cancel commerce.wf");
    expect(clusters.answer()).toContain("Drop tables on 0/zone1-0000000001: customer (0 rows)\n");
    await act("Cancel commerce.wf");
    expect([...target().tables.keys()].sort()).toEqual(["corder", "product"]);
    expect(target().rows).toMatchObject([{ workflow: "wf2" }]);
    expect(clusters.notes).toContain("Warning: table corder stays on 0: no stream of this workflow fills it.");
    expect(clusters.notes).toContain("Warning: table product stays on 0: workflow commerce.wf2 fills it.");
  });

  it("leaves other kinds of workflow alone", async () => {
    for (const row of target().rows) row.source = 'keyspace:"commerce" shard:"0" filter:{rules:{match:"product"}}';
    await expect(act("Cancel commerce.wf")).rejects.toThrow("is not a Migrate");
    expect(target().rows).toHaveLength(1);
  });

  it("lists its steps with -dry_run and changes nothing", async () => {
    await act("-dry_run Cancel commerce.wf");
    expect(clusters.answer()).toContain(
      "Drop tables on 0/zone1-0000000001: corder (0 rows), customer (0 rows), product (0 rows)\n",
    );
    expect([target().rows.length, target().tables.size]).toEqual([1, 3]);
  });

  it("tells each table that it drops, with its rows", async () => {
    target().table("customer", 5);
    target().table("product", 1);
    target().table("corder", 2_345_678);
    const answer = await act("Cancel commerce.wf");
    const place = { shard: "0", tablet: "zone1-0000000001" };
    expect(answer).toMatchObject({
      dropped: [
        { ...place, table: "corder", rows: 2_345_678, exact: false },
        { ...place, table: "customer", rows: 5, exact: true },
        { ...place, table: "product", rows: 1, exact: true },
      ],
      kept: [],
    });
    expect(clusters.notes.filter((line) => line.startsWith("Dropped "))).toEqual([
      "Dropped corder on 0/zone1-0000000001: about 2,345,678 rows",
      "Dropped customer on 0/zone1-0000000001: 5 rows",
      "Dropped product on 0/zone1-0000000001: 1 row",
    ]);
  });

  it("estimates rows that can't be counted, and drops all the same", async () => {
    target().table("customer", 7);
    target().failures.push({ method: "ExecuteFetchAsDba", text: "`customer`", code: 2, details: "too slow" });
    expect(await act("Cancel commerce.wf")).toMatchObject({ dropped: [{}, { rows: 7, exact: false }, {}] });
    expect(tables()).toEqual([]);
  });

  it("names tables that stay and lose a parent", async () => {
    target().table("invoice");
    const invoice = target().tables.get("invoice");
    Object.assign(invoice ?? {}, {
      schema:
        "CREATE TABLE `invoice` (\n  `c` int,\n  CONSTRAINT `f` FOREIGN KEY (`c`) REFERENCES `customer` (`id`)\n)",
    });
    for (const line of ["-dry_run Cancel commerce.wf", "Cancel commerce.wf"]) {
      clusters.notes.length = 0;
      await act(line);
      expect(clusters.notes).toContain(
        "Warning: table invoice stays on 0, and its foreign keys reference what is dropped: customer. MySQL refuses its new rows from then on.",
      );
    }
  });
});

describe("Cancel without a record", () => {
  beforeEach(forget);

  it.each(["", "-dry_run "])("%sasks what becomes of the tables", async (dryRun) => {
    const refused = act(`${dryRun}Cancel commerce.wf`);
    await expect(refused).rejects.toThrow(PreflightError);
    await expect(refused).rejects.toThrow("no record tells which tables were created for commerce.wf");
    await expect(refused).rejects.toMatchObject({
      hint: expect.stringMatching(/-keep_data leaves .* -force drops corder, customer, product on 0\/zone1-0000000001/),
    });
    expect(tables()).toEqual(TABLES);
    expect(target().rows).toMatchObject([{ state: "Running" }]);
  });

  it("keeps the tables with -keep_data", async () => {
    await act("-keep_data Cancel commerce.wf");
    expect([tables(), target().rows]).toEqual([TABLES, []]);
  });

  it("drops them with -force, which a dry run shows, except what another workflow fills", async () => {
    const [row] = target().rows;
    const source = row?.source?.replace(/rules:\{match:"(corder|customer)"[^}]*\} ?/g, "") ?? "";
    target().rows.push({ ...row, id: "77", workflow: "wf2", source });
    target().table("customer", 12);
    await act("-dry_run -force Cancel commerce.wf");
    expect(clusters.answer()).toContain("Drop tables on 0/zone1-0000000001: corder (0 rows), customer (12 rows)\n");
    expect(tables()).toEqual(TABLES);
    await act("-force Cancel commerce.wf");
    expect([tables(), target().rows.length]).toEqual([["product"], 1]);
    expect(clusters.notes).toContain("Warning: table product stays on 0: workflow commerce.wf2 fills it.");
  });

  it("needs no -force where there is nothing to drop: v11's vtctlclient makes workflows without tables", async () => {
    for (const row of target().rows) row.source = row.source?.replace(/rules:\{[^}]*\} ?/g, "") ?? "";
    await act("Cancel commerce.wf");
    expect([tables(), target().rows]).toEqual([TABLES, []]);
  });

  it("drops nothing by a rule that is a regular expression", async () => {
    for (const row of target().rows) row.source = row.source?.replace('match:"corder"', 'match:"/c.*"') ?? "";
    await act("-dry_run -force Cancel commerce.wf");
    expect(clusters.answer()).toContain("Drop tables on 0/zone1-0000000001: customer (0 rows), product (0 rows)\n");
    await act("-force Cancel commerce.wf");
    expect(tables()).toEqual(["corder"]);
  });
});

describe("Cancel and the VSchema", () => {
  async function served(): Promise<[string[], string[]]> {
    const { topo } = clusters.target;
    const { tables: stored } = decode("vschema.Keyspace", (await topo.vschema("commerce")).contents);
    const srv = decode("vschema.SrvVSchema", await topo.srvVSchema("zone1"));
    return [Object.keys(stored).sort(), Object.keys(srv.keyspaces.commerce?.tables ?? {}).sort()];
  }

  it("takes out what the record says we added, and rebuilds SrvVSchema", async () => {
    const { topo } = clusters.target;
    await topo.addVSchemaTables("commerce", [...TABLES, "theirs"]);
    await topo.rebuildSrvVSchema();
    await change((stored) => {
      stored.addedVSchemaTables = ["corder", "customer"];
    });
    await act("Cancel commerce.wf");
    expect(await served()).toEqual([
      ["product", "theirs"],
      ["product", "theirs"],
    ]);
  });

  it("leaves the entry of a table that stays, and all of them with -keep_data", async () => {
    const { topo } = clusters.target;
    await topo.addVSchemaTables("commerce", TABLES);
    await topo.rebuildSrvVSchema();
    await change((stored) => {
      stored.addedVSchemaTables = TABLES;
    });
    const [row] = target().rows;
    const source = row?.source?.replace(/rules:\{match:"(corder|customer)"[^}]*\} ?/g, "") ?? "";
    target().rows.push({ ...row, id: "77", workflow: "wf2", source });
    await act("-dry_run -keep_data Cancel commerce.wf");
    expect(clusters.answer()).not.toContain("VSchema of");
    await act("Cancel commerce.wf");
    expect(await served()).toEqual([["product"], ["product"]]);
  });
});

describe("Cancel, cut before each of its steps", () => {
  /** The context of a process that loses its locks before step `at`. */
  function losingLocks(topo: Topo, at: number): { topo: Topo; lost: () => boolean } {
    let checks = 0;
    const lockKeyspace: Topo["lockKeyspace"] = async (...args) => {
      const lock = await topo.lockKeyspace(...args);
      return {
        dir: lock.dir,
        lost: lock.lost,
        release: () => lock.release(),
        check: async () => {
          checks++;
          if (checks >= at) throw new ConflictError("the lease is gone");
        },
      };
    };
    return { topo: { ...topo, lockKeyspace }, lost: () => checks >= at };
  }

  it.each(["Cancel commerce.wf", "-keep_data Cancel commerce.wf"])("%s: a second one ends it", async (line) => {
    const { topo } = clusters.target;
    const kept = line.startsWith("-keep_data") ? TABLES : [];
    for (let at = 1; ; at++) {
      if (at > 1) await act("-all -auto_start=false -source ext1.commerce Create commerce.wf");
      for (const table of target().tables.values()) table.row_count = 5;
      await change((stored) => {
        stored.addedVSchemaTables = ["corder"];
      });
      await topo.addVSchemaTables("commerce", ["corder"]);
      const cut = losingLocks(topo, at);
      const first = run(migrate, line.split(" "), { ...clusters.ctx, topo: async () => cut.topo });
      const outcome = await first.then(
        () => "done",
        (error: unknown) => error,
      );
      if (!cut.lost()) {
        expect(outcome).toBe("done");
        expect(at).toBeGreaterThan(kept.length > 0 ? 4 : 7);
        break;
      }
      expect(outcome).toBeInstanceOf(ConflictError);
      await act(line);
      expect([tables(), target().rows, await record()], `cut before step ${at}`).toEqual([kept, [], undefined]);
      const { contents } = await topo.vschema("commerce");
      expect(Object.keys(decode("vschema.Keyspace", contents).tables)).toEqual(kept.length > 0 ? ["corder"] : []);
      target().tables.clear();
    }
  });

  it.each([
    ["ApplySchema", ""],
    ["VReplicationExec", "update _vt.vreplication"],
    ["VReplicationExec", "delete from _vt.vreplication"],
  ])("%s %s done, and its answer lost: a second one ends it", async (method, text) => {
    target().failures.push({ method, text, code: 2, details: "gone", after: true });
    await expect(act("Cancel commerce.wf")).rejects.toThrow("gone");
    await act("Cancel commerce.wf");
    expect([tables(), target().rows, await record()]).toEqual([[], [], undefined]);
  });

  it("without a record, -force again ends it", async () => {
    await forget();
    for (let at = 1; at <= 3; at++) {
      const cut = losingLocks(clusters.target.topo, at);
      const ctx = { ...clusters.ctx, topo: async () => cut.topo };
      await expect(run(migrate, ["-force", "Cancel", "commerce.wf"], ctx)).rejects.toThrow(ConflictError);
    }
    await act("-force Cancel commerce.wf");
    expect([tables(), target().rows]).toEqual([[], []]);
  });
});

it("counts in words", () => {
  expect([0, 1, 2, 1234567].map((rows) => rowsText({ rows, exact: true }))).toEqual([
    "0 rows",
    "1 row",
    "2 rows",
    "1,234,567 rows",
  ]);
});
