import { expect, test } from "vitest";
import { FailedError, VtmigrateError } from "../../../src/errors.js";
import { parsePosition, positionContains } from "../../../src/wire/position.js";
import { type Place, until } from "./place.js";
import { Stream } from "./stream.js";

/** How a stream goes from its insert to its end, as its row, its log and the target's tables show it. */
export function streamsContract(place: () => Place): void {
  const table = async (what: string, rows: string) => {
    const name = place().name(what);
    await place().createOnBoth(`create table ${name} (id int not null, body varchar(40), primary key (id))`);
    if (rows !== "") await place().sql("source", `insert into ${name} values ${rows}`);
    return name;
  };
  const rowsOf = async (name: string) => {
    const found = await place().sql("target", `select id, body from ${name} order by id`);
    return found.map(({ id, body }) => `${id} ${body}`);
  };
  const has = (name: string, expected: string[]) =>
    until(
      () => rowsOf(name),
      (seen) => seen.join() === expected.join(),
    );

  test("inserted stopped, it has a row and does nothing", async () => {
    const name = await table("still", "(1, 'a')");
    const stream = await Stream.insert(place(), { tables: [name] });
    const row = await stream.row();
    expect(row).toMatchObject({
      id: String(stream.id),
      workflow: stream.workflow,
      pos: "",
      stop_pos: null,
      max_tps: "9223372036854775807",
      cell: place().cell,
      time_updated: "1",
      transaction_timestamp: "0",
      state: "Stopped",
      message: null,
      db_name: "vt_commerce",
      rows_copied: "0",
    });
    expect(await stream.copyState()).toEqual([]);
    expect(await rowsOf(name)).toEqual([]);
    const log = await stream.log();
    expect(log.map(({ type, state, count }) => [type, state, count])).toEqual([["Stream Created", "Stopped", "1"]]);
    expect(JSON.parse(log[0]?.message ?? "")).toMatchObject({
      workflow: stream.workflow,
      db_name: "vt_commerce",
      pos: "",
    });
    expect(JSON.parse(log[0]?.message ?? "")).not.toHaveProperty("message");
  });

  test("running, it copies, and follows inserts, updates and deletes", async () => {
    const name = await table("followed", "(1, 'a'), (2, null), (3, 'c')");
    const started = Math.floor(Date.now() / 1000);
    const stream = await Stream.start(place(), { tables: [name] });
    const copied = await stream.following();
    expect(await rowsOf(name)).toEqual(["1 a", "2 null", "3 c"]);
    expect(parsePosition(copied.pos ?? "").flavor).toBe(place().isMariaDb ? "MariaDB" : "MySQL56");

    await place().sql(
      "source",
      `insert into ${name} values (4, 'it''s'); update ${name} set body = 'b' where id = 2;
       update ${name} set id = 30 where id = 3; delete from ${name} where id = 1`,
    );
    await has(name, ["2 b", "4 it's", "30 c"]);
    const position = await place().source.primaryPosition();
    const row = await stream.until(({ pos }) => positionContains(pos ?? "", position));
    expect(Number(row.transaction_timestamp)).toBeGreaterThanOrEqual(started);
    expect(Number(row.time_updated)).toBeGreaterThanOrEqual(started);

    // What has the last row's message, the state Copying and the end of it all here, only raises that row's count.
    const expected = [
      ["Stream Created", "Stopped", expect.any(String), "1"],
      ["State Changed", "Running", "", "2"],
      ["Started Copy Phase", "Copying", "Copy phase started for 1 table(s)", "1"],
      ["Ended Copy Phase", "Copying", expect.stringMatching(/^Copy phase completed at gtid \S+$/), "1"],
    ];
    const logged = async () =>
      (await stream.log()).map(({ type, state, message, count }) => [type, state, message, count]);
    expect(await logged()).toEqual([...expected, ["State Changed", "Running", "", "1"]]);
    await stream.delete();
    expect(await stream.row()).toEqual({});
    expect(await logged()).toEqual([...expected, ["State Changed", "Running", "", "2"]]);
  });

  test("copied rows are counted now and then only: a short copy ends with none", async () => {
    const name = await table("counted", "(1, 'a'), (2, 'b'), (3, 'c')");
    const stream = await Stream.start(place(), { tables: [name] });
    await stream.following();
    expect((await stream.row()).rows_copied).toBe("0");
  });

  test("stopped, it leaves the tables alone; started again, it goes on where it was", async () => {
    const name = await table("paused", "(1, 'a')");
    const stream = await Stream.start(place(), { tables: [name] });
    await stream.following();
    await stream.setState("Stopped", ", message='for now'");
    expect(await stream.row()).toMatchObject({ state: "Stopped", message: "for now" });
    await place().sql("source", `insert into ${name} values (2, 'b')`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await rowsOf(name)).toEqual(["1 a"]);
    await stream.setState("Running");
    await has(name, ["1 a", "2 b"]);
    await stream.until(({ state, message }) => state === "Running" && message === "");
  });

  test("an idle stream's clocks go on", async () => {
    const name = await table("idle", "(1, 'a')");
    const stream = await Stream.start(place(), { tables: [name] });
    const { time_updated: before } = await stream.following();
    await stream.until((row) => Number(row.time_updated) > Number(before));
    if (place().since([11, true], [14, false])) return;
    await stream.until((row) => Number(row.time_heartbeat) > Number(before));
  });

  test("it stops after the copy if it shall, and follows when it is started again without that", async () => {
    const name = await table("once", "(1, 'a'), (2, 'b')");
    const stream = await Stream.start(place(), { tables: [name], more: "stop_after_copy:true" });
    const row = await stream.until(({ state }) => state === "Stopped");
    expect(row).toMatchObject({ state: "Stopped", message: "Stopped after copy.", stop_pos: null });
    expect(await rowsOf(name)).toEqual(["1 a", "2 b"]);
    expect(await stream.copyState()).toEqual([]);
  });

  test("it stops at a position, and says so", async () => {
    const name = await table("until", "(1, 'a')");
    const stream = await Stream.start(place(), { tables: [name] });
    await stream.following();
    await stream.setState("Stopped");
    await place().sql("source", `insert into ${name} values (2, 'before')`);
    const position = await place().source.primaryPosition();
    await place().sql("source", `insert into ${name} values (3, 'behind')`);
    await stream.setState("Running", `, stop_pos='${position}', message='synchronizing for vdiff'`);
    await place().target.vreplicationWaitForPos(stream.id, position, { timeoutMs: 20_000 });
    const { gtidSet } = parsePosition(position);
    const stopped = await stream.until(({ state }) => state === "Stopped");
    expect(stopped).toMatchObject({ message: `Stopped at position ${gtidSet}`, stop_pos: position });
    expect(positionContains(position, stopped.pos ?? "")).toBe(true);
    expect(await rowsOf(name)).toEqual(["1 a", "2 before"]);
    await stream.setState("Running");
    const again = await stream.until(({ state, message }) => state === "Stopped" && /already/.test(message ?? ""));
    expect(again.message).toBe(`Stop position ${gtidSet} already reached: ${gtidSet}`);
    await stream.setState("Running", ", stop_pos=''");
    await has(name, ["1 a", "2 before", "3 behind"]);
  });

  test("a position is waited for, unless the stream stands still or isn't there", async () => {
    const name = await table("awaited", "(1, 'a')");
    const stream = await Stream.start(place(), { tables: [name] });
    await stream.following();
    await place().sql("source", `insert into ${name} values (2, 'b')`);
    const position = await place().source.primaryPosition();
    const { target } = place();
    await target.vreplicationWaitForPos(stream.id, position, { timeoutMs: 20_000 });
    expect(await rowsOf(name)).toEqual(["1 a", "2 b"]);

    await stream.setState("Stopped", ", message='on purpose'");
    await place().sql("source", `insert into ${name} values (3, 'c')`);
    const { pos } = await stream.row();
    const next = await place().source.primaryPosition();
    const refused = target.vreplicationWaitForPos(stream.id, next, { timeoutMs: 20_000 });
    const [at, to] = [pos, next].map((text) => parsePosition(text ?? "").gtidSet);
    await expect(refused).rejects.toThrow(
      `replication has stopped at ${at} before reaching position ${to}, message: on purpose`,
    );
    // Without a message the tablet's text ends in a blank, and such a text never comes through.
    await stream.setState("Stopped", ", message=''");
    const mute = target.vreplicationWaitForPos(stream.id, next, { timeoutMs: 20_000 });
    await expect(mute).rejects.toThrow(FailedError);
    await expect(mute).rejects.toThrow("VReplicationWaitForPos failed, and its text got lost");
    const absent = target.vreplicationWaitForPos(999_999, next, { timeoutMs: 20_000 });
    await expect(absent).rejects.toThrow(VtmigrateError);
    await expect(absent).rejects.toThrow("vreplication stream 999999 not found");
  });
}
