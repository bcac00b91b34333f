/** What differs between the versions' VDiffs, and what a client must survive of them. */
import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import { rows, run, until } from "./clusters.js";
import { startCopied, type VDiffPair, vdiffOf } from "./vdiff-pair.js";

let pair: VDiffPair;
afterEach(() => pair?.stop());

const failure = (action: string, request: Parameters<VDiffPair["vdiff"]>[1]) =>
  pair.vdiff(action, request).then(
    () => "nothing",
    ({ details }) => details,
  );
const lockDirs = {
  v14: "keyspaces/commerce/locks",
  v16: "keyspaces/commerce/locks",
  v18: "keyspaces/commerce/locks",
  main: "internal/named_locks/commerce/wf/locks",
} as const;
const alone = { core_options: { tables: "customer", auto_retry: false } };

describe.each(["v16", "v18", "main"] as const)("a VDiff of %s", (name) => {
  it("compares, and is stopped and resumed while it finds no tablet", async () => {
    pair = await startCopied(profiles[name]);
    run(pair.targetPrimary, "update notes set body = 'other' where name = 'apple'");
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid });
    expect((await pair.finished(uuid)).map((row) => [row.table_name, row.rows_compared, row.has_mismatch])).toEqual([
      ["customer", "3", "0"],
      ["notes", "2", "1"],
      ["product", "2", "0"],
    ]);

    const second = randomUUID();
    await pair.vdiff("create", { uuid: second, options: { ...alone, picker_options: { source_cell: "nowhere" } } });
    await until(pair.streams, ([stream]) => stream?.state === "Stopped" && stream.message === "for vdiff");
    expect(await pair.target.topo.list(lockDirs[name])).toHaveLength(1);
    await pair.vdiff("stop", { uuid: second });
    expect(await pair.target.topo.list(lockDirs[name])).toEqual([]);
    expect(await pair.streams()).toMatchObject([{ state: "Running", message: "" }]);

    await expect(pair.vdiff("delete", { arg: randomUUID() })).rejects.toMatchObject({ code: 2 });

    // v16 shows every workflow's.
    const shown = (await pair.vdiff("show", { arg: "all", workflow: "other" })).rows.map((row) => row.vdiff_uuid);
    expect(shown).toEqual(name === "v16" ? [second, uuid] : []);

    // v16 takes the options of resume, later ones keep those of create.
    await pair.vdiff("resume", { uuid: second });
    const [cell] = rows(
      pair.targetPrimary,
      "select options->>'$.picker_options.source_cell' from _vt.vdiff order by id desc",
    );
    expect(cell).toEqual([name === "v16" ? "zx" : "nowhere"]);
    if (name === "v16") {
      expect(await pair.finished(second)).toHaveLength(3);
      return;
    }
    await until(pair.streams, ([stream]) => stream?.state === "Stopped");
    await pair.vdiff("delete", { arg: second });
    expect(await pair.streams()).toMatchObject([{ state: "Running" }]);
  }, 40_000);
});

describe("a VDiff of v18", () => {
  it("names tablets by their prototext, twice over", async () => {
    pair = await startCopied(profiles.v18);
    const uuid = randomUUID();
    const twice = (text: string) => `TabletManager.VDiff on zone1-0000000001 error: ${text}: ${text}`;
    const tablet = 'tablet cell:"zone1" uid:1';
    expect(await failure("resume", { uuid })).toBe(twice(`vdiff with UUID ${uuid} not found on ${tablet}`));
    await pair.vdiff("create", { uuid, options: alone });
    expect(await failure("create", { uuid })).toBe(twice(`vdiff with UUID ${uuid} already exists on ${tablet}`));
    await pair.finished(uuid);
    expect(rows(pair.targetPrimary, "select lastpk from _vt.vdiff_table")).toEqual([
      [
        'fields:{name:"customer_id" type:INT64 table:"customer" org_table:"customer" database:"vt_commerce" ' +
          'org_name:"customer_id" column_length:20 charset:63 flags:49667} rows:{lengths:1 values:"3"}',
      ],
    ]);
  });

  it("refuses a table without a primary key, and everything with it", async () => {
    pair = await startCopied(profiles.v18);
    run(pair.targetPrimary, "alter table customer modify customer_id bigint not null, drop primary key");
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options: { core_options: { auto_retry: false } } });
    const [row] = await pair.finished(uuid, "error");
    expect(row).toMatchObject({
      table_name: null,
      last_error: "buildPlan: error getting PK column collations for table customer: empty list supplied for vars2",
    });
    // It has no table: stopping it changes nothing, and it can't be resumed.
    await pair.vdiff("stop", { uuid });
    expect(await pair.finished(uuid, "error")).toHaveLength(1);
    expect(await failure("resume", { uuid })).toContain(
      `error: no completed or stopped vdiff found for UUID ${uuid} on tablet cell:"zone1" uid:1: `,
    );
  });

  it("doesn't end where rows are missing and the source's keyspace is unknown to the target's cluster", async () => {
    pair = await startCopied(profiles.v18);
    run(pair.targetPrimary, "delete from customer where customer_id = 2");
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options: { core_options: { tables: "customer" } } });
    const errors = () =>
      rows(pair.targetPrimary, "select count(*) from _vt.vdiff_log where message like 'Error: failed to reconcile%'");
    await until(errors, (count) => Number(count.join()) >= 3);
    const [row] = await pair.finished(uuid, "error", "pending", "started");
    expect(JSON.parse(row?.report ?? "")).toMatchObject({ ExtraRowsSource: 1, MatchingRows: 2, ProcessedRows: 3 });
  });
});

describe("a VDiff of v22", () => {
  it("asks the source's primary, whichever tablet it reads", async () => {
    pair = await startCopied(profiles.v22);
    await pair.sourcePrimary.kill();
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options: alone });
    const [row] = await pair.finished(uuid, "error");
    expect(row?.last_error).toMatch(
      /^buildPlan: could not get the primary key columns from the commerce source keyspace: failed to get the schema for table customer from source tablet zx-0000000001: rpc error: code = Unavailable desc = /,
    );
  });

  it("leaves a stream stopped that has no position yet", async () => {
    pair = await startCopied(profiles.v22);
    await pair.exec("update _vt.vreplication set state = 'Stopped', pos = '' where workflow = 'wf'");
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options: alone });
    const [row] = await pair.finished(uuid, "error");
    expect(row?.last_error).toBe('stream 1 has not started on tablet cell:"zone1" uid:1');
    expect(await pair.streams()).toMatchObject([{ state: "Stopped", message: "for vdiff" }]);
  });

  it("starts streams that were stopped before", async () => {
    pair = await startCopied(profiles.v22);
    await pair.exec("update _vt.vreplication set state = 'Stopped', message = 'by hand' where workflow = 'wf'");
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options: alone });
    await pair.finished(uuid);
    expect(await pair.streams()).toMatchObject([{ state: "Running", message: "", stop_pos: "" }]);
  });
});

describe("a VDiff of main", () => {
  it("waits for its lock for as long as it takes", async () => {
    pair = await startCopied(profiles.main, undefined, { lockTimeoutMs: 100 });
    const { topo } = pair.target;
    const { signal } = new AbortController();
    const request = { action: "test", options: true, ttlSeconds: 60, timeoutMs: 1_000, signal };
    const holder = await topo.lock("internal/named_locks/commerce/wf", request);
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options: alone });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect((await pair.vdiff("show", { arg: uuid })).rows).toMatchObject([{ vdiff_state: "started" }]);
    await holder.release();
    expect(await pair.finished(uuid)).toMatchObject([{ last_error: "", rows_compared: "3" }]);
  });
});

describe("a VDiff of a workflow without streams", () => {
  it("is created, and takes its tablet with it", async () => {
    pair = await startCopied(profiles.v18);
    const answer = await pair.vdiff("create", { uuid: randomUUID(), workflow: "nosuch" });
    expect(answer.id).toBe("1");
    await until(
      () => failure("show", { arg: "last" }),
      (text) => text !== "nothing",
    );
    expect(await failure("show", { arg: "last" })).toMatch(/^No connection established|ECONNREFUSED/);
    expect(rows(pair.targetPrimary, "select state from _vt.vdiff")).toEqual([["started"]]);
  });
});

describe("a replica that becomes the primary", () => {
  it("takes up what the old one had begun", async () => {
    pair = await startCopied(profiles.v22);
    const { target, targetPrimary } = pair;
    const replica = await target.tablet({ uid: 2, profile: profiles.v22, type: "REPLICA", replicaOf: targetPrimary });
    const uuid = randomUUID();
    await pair.vdiff("create", { uuid, options: { ...alone, picker_options: { source_cell: "nowhere" } } });
    const shown = () => rows(replica, "select message from _vt.vreplication").flat();
    await until(shown, (messages) => messages.join() === "for vdiff");
    await targetPrimary.setType("REPLICA");
    await replica.setType("PRIMARY");
    const log = () => rows(replica, "select message from _vt.vdiff_log").flat();
    await until(log, (messages) => messages.filter((message) => message === "State changed to: started").length === 2);
    const next = vdiffOf(target, replica, { keyspace: "commerce", workflow: "wf" });
    await next.vdiff("stop", { uuid });
    expect(await next.finished(uuid, "stopped")).toHaveLength(1);
    expect(shown()).toEqual([""]);
  });
});

describe("a VDiff of v14", () => {
  it("never finds a mount's tablets, and nothing frees streams and lock but the end of the tablet", async () => {
    pair = await startCopied(profiles.v14);
    const uuid = randomUUID();
    await pair.vdiff("CREATE", { uuid });
    await until(pair.streams, ([stream]) => stream?.state === "Stopped");
    const locks = () => pair.target.topo.list(lockDirs.v14);
    expect(await locks()).toHaveLength(1);
    expect((await pair.vdiff("show", { arg: "last" })).rows).toMatchObject([
      { vdiff_state: "started", table_name: "customer", table_state: "started", report: "{}" },
    ]);
    expect(await failure("Stop", { uuid })).toContain("action stop not supported");
    expect(await failure("delete", { arg: uuid })).toContain("action delete not supported");
    expect(await failure("create", { uuid })).toContain(`vdiff with UUID ${uuid} already exists`);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await pair.streams()).toMatchObject([{ state: "Stopped" }]);

    await pair.targetPrimary.setType("REPLICA");
    await pair.targetPrimary.setType("PRIMARY");
    expect(await locks()).toEqual([]);
    // One that had begun isn't taken up again.
    expect((await pair.vdiff("show", { arg: "all" })).rows).toMatchObject([{ state: "started" }]);
    expect(await pair.streams()).toMatchObject([{ state: "Stopped" }]);
  });

  it("takes its own tablets for the source's when the keyspaces are named alike", async () => {
    pair = await startCopied(profiles.v14);
    run(pair.sourcePrimary, "insert into customer values (4, 'd@x')");
    await until(
      () => rows(pair.targetPrimary, "select count(*) from customer"),
      (count) => count.join() === "4",
    );
    const uuid = randomUUID();
    const options = {
      picker_options: { source_cell: "zone1" },
      core_options: { tables: "customer", timeout_seconds: 1 },
    };
    await pair.vdiff("create", { uuid, options });
    const [row] = await pair.finished(uuid, "error");
    expect(row).toMatchObject({ vdiff_state: "error", table_state: "error" });
    const log = rows(pair.targetPrimary, "select message from _vt.vdiff_log").flat();
    expect(log).toContain(
      "Error: WaitForPosition for tablet zone1-0000000001: rpc error: code = DeadlineExceeded desc = context deadline exceeded",
    );
  });
});
