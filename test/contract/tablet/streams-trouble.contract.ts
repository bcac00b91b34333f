import { expect, test } from "vitest";
import { VtmigrateError } from "../../../src/errors.js";
import { records } from "../../../src/wire/result.js";
import type { Place } from "./place.js";
import { insertStatement, Stream } from "./stream.js";

/** Streams that find nothing to do, no source, or a source that changes under them. */
export function streamsTroubleContract(place: () => Place): void {
  const table = async (what: string, rows: string) => {
    const name = place().name(what);
    await place().createOnBoth(`create table ${name} (id int not null, body varchar(40), primary key (id))`);
    await place().sql("source", `insert into ${name} values ${rows}`);
    return name;
  };
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  test("without a table that the target has, it stops: what a probe of the way to the source looks for", async () => {
    const stream = await Stream.start(place(), { rules: 'rules:{match:"_vtm_no_such_table"}' });
    const row = await stream.until(({ state }) => state === "Stopped");
    expect(row).toMatchObject({
      state: "Stopped",
      message: "There is nothing to replicate",
      pos: "",
      rows_copied: "0",
    });
    expect(await stream.copyState()).toEqual([]);
  });

  test("in a cell that the source hasn't, it stays as it is and says nothing", async () => {
    const name = await table("nowhere", "(1, 'a')");
    const stream = await Stream.start(place(), {
      tables: [name],
      cells: "nowhere",
      tabletTypes: place().since([11, "replica"], [14, "in_order:replica"]),
    });
    await pause(150);
    const row = await stream.row();
    expect(row).toMatchObject({ state: "Running", pos: "" });
    expect(row.message ?? "").toBe("");
    await stream.setState("Stopped", `, cell='${place().cell}'`);
    await stream.setState("Running");
    await stream.following();
  });

  test("a table of the filter that the target hasn't is passed over in silence", async () => {
    const name = await table("present", "(1, 'a')");
    const absent = place().name("absent");
    await place().create("source", `create table ${absent} (id int not null, primary key (id))`);
    const stream = await Stream.start(place(), { tables: [absent, name] });
    await stream.following();
    await place().sql("source", `insert into ${absent} values (1); insert into ${name} values (2, 'b')`);
    await place().target.vreplicationWaitForPos(stream.id, await place().source.primaryPosition(), {
      timeoutMs: 20_000,
    });
    expect(await stream.row()).toMatchObject({ state: "Running", message: "" });
    expect(await place().sql("target", `select id from ${name} order by id`)).toEqual([{ id: "1" }, { id: "2" }]);
  });

  test("a table that the source hasn't, or hasn't yet, is tried again", async () => {
    const name = place().name("unready");
    await place().create("target", `create table ${name} (id int not null, primary key (id))`);
    const stream = await Stream.start(place(), { tables: [name] });
    const row = await stream.until(({ message }) => /rpc error/.test(message ?? ""));
    expect(row).toMatchObject({
      state: "Copying",
      message: `vttablet: rpc error: code = Unknown desc = table ${name} not found in vttablet schema`,
    });
    expect(await stream.copyState()).toEqual([{ table_name: name, lastpk: null }]);
    expect((await stream.log()).at(-1)).toMatchObject({
      type: "Message",
      state: "Copying",
      message: `vttablet: rpc error: code = Unknown desc = table ${name} not found in vttablet schema`,
    });
    await place().create(
      "source",
      `create table ${name} (id int not null, primary key (id)); insert into ${name} values (7)`,
    );
    await stream.following();
    expect(await place().sql("target", `select id from ${name}`)).toEqual([{ id: "7" }]);
  });

  test("a filter that the source can't read is an error that is tried again", async () => {
    const name = await table("filtered", "(1, 'a')");
    const stream = await Stream.start(place(), {
      rules: `rules:{match:"${name}" filter:"select * from ${name} where in_keyrange(id, 'nosuch.vindex', '-80')"}`,
    });
    const row = await stream.until(({ message }) => /rpc error/.test(message ?? ""));
    expect(row.message).toMatch(/^vttablet: rpc error: code = \w+ desc = /);
    expect(row.state).toBe("Copying");
    await stream.setState("Stopped");
    // What it said last stays to be read.
    expect((await stream.row()).message).toBe(row.message);
  });

  test("a filter by a vindex's bare type is answered by a source without a VSchema", async () => {
    const name = await table("halved", "(1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e')");
    const filter = `select * from ${name} where in_keyrange(id, 'hash', '-80')`;
    const stream = await Stream.start(place(), { rules: `rules:{match:"${name}" filter:"${filter}"}` });
    await stream.following();
    const ids = await place().sql("target", `select id from ${name} order by id`);
    expect(ids.map(({ id }) => id)).toEqual(["1", "2", "3", "5"]);
  });

  test("a changed definition stops it, or is passed on, as on_ddl says", async () => {
    const name = await table("altered", "(1, 'a')");
    const ddl = `alter table ${name} add column age int`;
    const stopped = await Stream.start(place(), { tables: [name], more: "on_ddl:STOP" });
    await stopped.following();
    await place().create("source", ddl);
    const row = await stopped.until(({ state }) => state === "Stopped");
    expect(row.message).toBe(`Stopped at DDL ${ddl}`);

    const other = await table("changed", "(1, 'a')");
    const executed = await Stream.start(place(), { tables: [other], more: "on_ddl:EXEC" });
    await executed.following();
    await place().create("source", `alter table ${other} add column age int`);
    await place().sql("source", `insert into ${other} values (2, 'b', 7)`);
    await place().target.vreplicationWaitForPos(executed.id, await place().source.primaryPosition(), {
      timeoutMs: 20_000,
    });
    expect(await place().sql("target", `select age from ${other} where id = 2`)).toEqual([{ age: "7" }]);
  });

  test("one whose mount isn't there can't be started: the row stays, the call fails", async () => {
    const name = await table("unmounted", "(1, 'a')");
    const stream = await Stream.insert(place(), { tables: [name], mount: "nosuch" });
    const started = stream.setState("Running");
    await expect(started).rejects.toThrow(VtmigrateError);
    await expect(started).rejects.toThrow("no vitess cluster found with name nosuch");
    expect(await stream.row()).toMatchObject({ state: "Running", pos: "" });
  });

  test("a source that can't be read is refused with the insert from v18 on, and its row stays", async () => {
    const workflow = place().name("wf");
    const query = insertStatement(place(), workflow, { rules: "nonsense" });
    const inserted = place().target.vreplicationExec(query);
    if (place().since([11, false], [18, true])) await expect(inserted).rejects.toThrow(VtmigrateError);
    else await inserted;
    const found = await place().target.vreplicationExec(
      `select state from _vt.vreplication where workflow='${workflow}'`,
    );
    expect(records(found)).toEqual([{ state: "Stopped" }]);
  });
}
