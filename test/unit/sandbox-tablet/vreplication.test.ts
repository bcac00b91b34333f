import { afterEach, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import {
  insertStream,
  type Pair,
  rows,
  run,
  showStreams,
  startPair,
  startStreams,
  stopStreams,
  until,
} from "./clusters.js";

let pair: Pair;
afterEach(() => pair?.stop());

const stream = async () => (await pair.exec(showStreams))[0] ?? {};
const copyState = () => pair.exec("select * from _vt.copy_state where vrepl_id > 0");
const running = () => until(stream, ({ state, pos, message }) => state === "Running" && pos !== "" && message === "");

function seed(): void {
  run(
    pair.sourcePrimary,
    `insert into customer values (1, 'a@x'), (2, 'b@x'), (3, null);
     insert into product values ('SKU-1', 'Monitor', 100), ('SKU-2', 'Keyboard', 30);
     insert into notes values ('apple', 'y', '2026-11-22 15:58:57', null), ('Ärger', 'x''\\\\', '2026-11-22 15:58:57', '{"a": 1}')`,
  );
}

function everything(tablet: Pair["targetPrimary"]) {
  return ["customer", "product", "notes"].map((table) => rows(tablet, `select * from ${table} order by 1`));
}

const inSync = () =>
  until(
    () => everything(pair.targetPrimary),
    (seen) => JSON.stringify(seen) === JSON.stringify(everything(pair.sourcePrimary)),
  );

describe.each([profiles.v11, profiles.v14, profiles.v18, profiles.v22])("a stream of $name", (profile) => {
  it("copies, follows, stops, starts again, and goes", async () => {
    pair = await startPair(profile);
    seed();
    await pair.exec(insertStream(profile));
    expect(await stream()).toMatchObject({ state: "Stopped", pos: "", message: null });

    await pair.exec(startStreams);
    await running();
    expect(everything(pair.targetPrimary)).toEqual(everything(pair.sourcePrimary));
    expect(await stream()).toMatchObject({ rows_copied: "7" });
    expect(await copyState()).toEqual([]);

    run(
      pair.sourcePrimary,
      `insert into customer values (4, 'it''s'); update customer set email = 'new' where customer_id = 1;
       delete from product where sku = 'SKU-2'; update notes set name = 'Banana', j = '[1, 2]' where name = 'apple'`,
    );
    await inSync();
    const position = `MySQL56/${pair.sourcePrimary.mysql.gtidExecuted()}`;
    const row = await until(stream, ({ pos }) => pos === position);
    expect(Number(row.transaction_timestamp)).toBeGreaterThan(Date.now() / 1000 - 60);
    expect(Number(row.time_updated)).toBeGreaterThan(Date.now() / 1000 - 60);

    await pair.exec(stopStreams);
    run(pair.sourcePrimary, "insert into customer values (5, 'while stopped')");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(rows(pair.targetPrimary, "select count(*) from customer")).toEqual([["4"]]);
    await pair.exec(startStreams);
    await inSync();

    await pair.exec("delete from _vt.vreplication where workflow='wf'");
    expect(await pair.exec(showStreams)).toEqual([]);
    run(pair.sourcePrimary, "insert into customer values (6, 'after the end')");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(rows(pair.targetPrimary, "select count(*) from customer")).toEqual([["5"]]);

    const log = await pair.exec("select type, state, message from _vt.vreplication_log where vrepl_id = 1 order by id");
    // What has the last row's message, which is none since the copy, is only counted.
    expect(log.map(({ type }) => type)).toEqual([
      "Stream Created",
      "State Changed",
      "Started Copy Phase",
      "Ended Copy Phase",
      "State Changed",
    ]);
    expect(JSON.parse(log[0]?.message ?? "")).toMatchObject({
      db_name: "vt_commerce",
      state: "Stopped",
      workflow: "wf",
    });
  });
});

describe("a stream", () => {
  it("says nothing while it finds no tablet, and starts when there is one", async () => {
    pair = await startPair(profiles.v14);
    seed();
    await pair.exec(insertStream(profiles.v14, { cells: "nowhere" }));
    await pair.exec(startStreams);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await stream()).toMatchObject({ state: "Running", pos: "" });
    expect((await stream()).message ?? "").toBe("");
    await pair.exec(stopStreams);
    await pair.exec("update _vt.vreplication set cell = 'zx' where workflow='wf'");
    await pair.exec(startStreams);
    await running();
  });

  it("gives up a round of searches with an error from v16 on", async () => {
    pair = await startPair(profiles.v22);
    await pair.exec(insertStream(profiles.v22, { cells: "nowhere" }));
    await pair.exec(startStreams);
    await until(stream, ({ message }) => message === "Error picking tablet: context has expired");
    expect(await stream()).toMatchObject({ state: "Running", pos: "" });
  });

  it("over no table of the target stops, with nothing to replicate", async () => {
    pair = await startPair(profiles.v22);
    await pair.exec(insertStream(profiles.v22, { rules: 'rules:{match:"_vtm_no_such_table"}' }));
    await pair.exec(startStreams);
    await until(
      stream,
      ({ state, message }) => state === "Stopped" && message === "There is nothing to replicate",
      1000,
    );
  });

  it("stops after the copy if it shall", async () => {
    pair = await startPair(profiles.v22);
    seed();
    await pair.exec(insertStream(profiles.v22, { more: "stop_after_copy:true" }));
    await pair.exec(startStreams);
    await until(stream, ({ state, message }) => state === "Stopped" && message === "Stopped after copy.");
    expect(everything(pair.targetPrimary)).toEqual(everything(pair.sourcePrimary));
  });

  it("stops at a position", async () => {
    pair = await startPair(profiles.v22);
    seed();
    await pair.exec(insertStream(profiles.v22));
    await pair.exec(startStreams);
    await running();
    await pair.exec(stopStreams);
    run(pair.sourcePrimary, "insert into customer values (10, 'before')");
    const gtids = pair.sourcePrimary.mysql.gtidExecuted();
    run(pair.sourcePrimary, "insert into customer values (11, 'behind')");
    await pair.exec(
      `update _vt.vreplication set state='Running', stop_pos='MySQL56/${gtids}', message='synchronizing for vdiff' where id=1`,
    );
    await pair.target.manager(pair.targetPrimary).VReplicationWaitForPos({ id: 1, position: `MySQL56/${gtids}` });
    await until(stream, ({ state, message }) => state === "Stopped" && message === `Stopped at position ${gtids}`);
    expect(await stream()).toMatchObject({ pos: `MySQL56/${gtids}` });
    expect(rows(pair.targetPrimary, "select customer_id from customer where customer_id > 9")).toEqual([["10"]]);
    await pair.exec("update _vt.vreplication set state='Running', message='synchronizing for vdiff' where id=1");
    await until(stream, ({ message }) => message === `Stop position ${gtids} already reached: ${gtids}`);
    await pair.exec("update _vt.vreplication set state='Running', message='', stop_pos='' where id=1");
    await inSync();
  });

  it("refuses to wait for a stream that is absent or stopped", async () => {
    pair = await startPair(profiles.v22);
    const wait = (id: number) =>
      pair.target
        .manager(pair.targetPrimary)
        .VReplicationWaitForPos({ id, position: `MySQL56/${pair.sourcePrimary.mysql.gtidExecuted()}` });
    await expect(wait(9)).rejects.toThrow("vreplication stream 9 not found");
    await pair.exec(insertStream(profiles.v22));
    await pair.exec("update _vt.vreplication set message='by hand' where id=1");
    await expect(wait(1)).rejects.toThrow(/replication has stopped at .* message: by hand$/);
  });

  it("that meets a duplicate ends in Error, except in v11, which tries again for ever", async () => {
    for (const profile of [profiles.v22, profiles.v11]) {
      pair = await startPair(profile);
      seed();
      run(pair.targetPrimary, "insert into customer values (2, 'in the way')");
      await pair.exec(insertStream(profile));
      await pair.exec(startStreams);
      const { state, message } = await until(stream, (row) => /errno 1062/.test(row.message ?? ""));
      expect(state).toBe(profile === profiles.v22 ? "Error" : "Copying");
      expect(message?.startsWith("terminal error: ")).toBe(profile === profiles.v22);
      if (profile === profiles.v11) {
        run(pair.targetPrimary, "delete from customer");
        await running();
        await inSync();
      }
      await pair.stop();
    }
  });

  it("needs its mount: the RPC fails, the row stays", async () => {
    pair = await startPair(profiles.v14);
    await pair.exec(insertStream(profiles.v14, { mount: "ext9" }));
    await expect(pair.exec(startStreams)).rejects.toThrow("no vitess cluster found with name ext9");
    expect(await stream()).toMatchObject({ state: "Running", pos: "" });
    await pair.stop();
    pair = await startPair(profiles.v22);
    await pair.exec(insertStream(profiles.v22, { mount: "ext9" }));
    expect(await stream()).toMatchObject({ state: "Stopped" });
  });

  it("reports a vindex that the source hasn't, and takes a bare type", async () => {
    pair = await startPair(profiles.v22);
    seed();
    run(pair.sourcePrimary, "insert into customer values (4, 'd'), (5, 'e')");
    const cell = await pair.source.topo.cell("zx");
    await cell.put("vschema.SrvVSchema", "SrvVSchema", { keyspaces: { commerce: {}, customer: {} } });
    const rule = (vindex: string) =>
      `rules:{match:"customer" filter:"select * from customer where in_keyrange(customer_id, '${vindex}', '-80')"}`;
    await pair.exec(insertStream(profiles.v22, { rules: rule("customer.hash") }));
    await pair.exec(startStreams);
    const { message } = await until(stream, (row) => (row.message ?? "").includes("vindex"));
    expect(message).toBe("vttablet: rpc error: code = Unknown desc = vindex customer.hash not found");
    await pair.exec("delete from _vt.vreplication where workflow='wf'");
    await pair.exec(insertStream(profiles.v22, { rules: rule("hash") }));
    await pair.exec(startStreams);
    await running();
    expect(rows(pair.targetPrimary, "select customer_id from customer order by 1").flat()).toEqual([
      "1",
      "2",
      "3",
      "5",
    ]);
    run(
      pair.sourcePrimary,
      "insert into customer values (6, 'f'), (9, 'i'); delete from customer where customer_id in (3, 4)",
    );
    // hash(6) is f098480ac4c4be71, hash(9) 692bb9bf752b0f58.
    await until(
      () => rows(pair.targetPrimary, "select customer_id from customer order by 1").flat().join(),
      (seen) => seen === "1,2,5,9",
    );
  });

  it("goes on behind the last key, and catches up only what was copied", async () => {
    pair = await startPair(
      profiles.v22,
      "create table big (a varchar(20) not null, b int not null, pad varchar(2000), primary key (a, b))",
    );
    const pad = "x".repeat(1900);
    for (let from = 0; from < 1000; from += 250) {
      const values = Array.from({ length: 250 }, (_, i) => `('k${(from + i) % 10}', ${from + i}, '${pad}')`);
      run(pair.sourcePrimary, `insert into big values ${values.join(",")}`);
    }
    const position = `MySQL56/${pair.sourcePrimary.mysql.gtidExecuted()}`;
    await pair.source.manager(pair.sourceReplica).WaitForPosition({ position });
    // A row in the way, late in the key order, ends the copy in the middle.
    run(pair.targetPrimary, "insert into big values ('k7', 507, 'in the way')");
    await pair.exec(insertStream(profiles.v22, { rules: 'rules:{match:"big" filter:"select * from big"}' }));
    await pair.exec(startStreams);
    await until(stream, ({ state }) => state === "Error");
    const [state] = (await copyState()).slice(-1);
    expect(state?.lastpk).toMatch(
      /^fields:\{name:"a" type:VARCHAR charset:255 flags:20483\} fields:\{name:"b".*\} rows:\{lengths:2/,
    );
    const copied = Number((await stream()).rows_copied);
    expect(copied).toBeGreaterThan(100);
    expect(copied).toBeLessThan(800);

    run(
      pair.sourcePrimary,
      `update big set pad = 'early' where a = 'k0' and b = 10; delete from big where a = 'k0' and b = 20;
       insert into big values ('K0', 20000, 'new early'), ('k9', 20000, 'new late');
       update big set pad = 'late' where a = 'k9' and b = 9; delete from big where a = 'k9' and b = 19;
       update big set a = 'k9' where a = 'k0' and b = 30; update big set a = 'k0' where a = 'k9' and b = 39`,
    );
    run(pair.targetPrimary, "delete from big where pad = 'in the way'");
    await pair.exec(startStreams);
    // While it copies again, its state is what the statement made it.
    expect((await copyState()).length).toBeGreaterThan(0);
    expect(await stream()).toMatchObject({ state: "Running" });
    await until(copyState, (left) => left.length === 0);
    const all = (tablet: Pair["targetPrimary"]) => rows(tablet, "select a, b, left(pad, 9) from big order by a, b");
    expect(all(pair.targetPrimary)).toEqual(all(pair.sourcePrimary));
  });

  it("survives its source tablet: another one is picked", async () => {
    pair = await startPair(profiles.v22);
    seed();
    await pair.exec(insertStream(profiles.v22, { types: "in_order:replica,primary" }));
    await pair.exec(startStreams);
    await running();
    await pair.sourceReplica.kill();
    run(pair.sourcePrimary, "insert into customer values (10, 'from the primary')");
    await inSync();
  });

  it("is taken up by a tablet that becomes primary again, and closed on a replica", async () => {
    pair = await startPair(profiles.v22);
    seed();
    await pair.exec(insertStream(profiles.v22));
    await pair.exec(startStreams);
    await running();
    await pair.targetPrimary.setType("REPLICA");
    await expect(pair.exec(showStreams)).rejects.toThrow("vreplication engine is closed");
    await pair.targetPrimary.setType("PRIMARY");
    run(pair.sourcePrimary, "insert into customer values (10, 'later')");
    await inSync();
  });

  it("obeys on_ddl", async () => {
    pair = await startPair(profiles.v22);
    seed();
    await pair.exec(insertStream(profiles.v22, { more: "on_ddl:STOP" }));
    await pair.exec(startStreams);
    await running();
    run(pair.sourcePrimary, "alter table customer add column age int");
    const { message } = await until(stream, ({ state }) => state === "Stopped");
    expect(message).toBe("Stopped at DDL alter table customer add column age int");
  });
});

describe("a table that the target hasn't", () => {
  it("is passed over in silence", async () => {
    pair = await startPair(profiles.v22);
    seed();
    run(pair.targetPrimary, "drop table product");
    await pair.exec(insertStream(profiles.v22));
    await pair.exec(startStreams);
    await running();
    run(pair.sourcePrimary, "delete from product; insert into customer values (9, 'later')");
    await until(
      () => rows(pair.targetPrimary, "select count(*) from customer"),
      ([row]) => row?.[0] === "4",
    );
    expect(await stream()).toMatchObject({ state: "Running", message: "" });
    expect(await copyState()).toEqual([]);
  });
});
