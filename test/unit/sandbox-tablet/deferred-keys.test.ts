import { afterEach, describe, expect, it } from "vitest";
import { profiles, type VersionProfile } from "../../../src/sandbox/tablet/profiles.js";
import { insertStream, type Pair, rows, run, startPair, startStreams, until } from "./clusters.js";

const schema = `
create table t (id int not null, email varchar(50), n int, u int, body text, primary key (id),
  key n_idx (n), unique key u_idx (u, n), key email_idx (email(10) desc) using btree comment 'it''s',
  key \`order\` (n, email), fulltext key ft (body));
create table plain (id int not null primary key);`;

let pair: Pair;
afterEach(() => pair?.stop());

const stream = async () => (await pair.exec("select * from _vt.vreplication where workflow='wf'"))[0] ?? {};
const actions = () => rows(pair.targetPrimary, "select vrepl_id, table_name, action from _vt.post_copy_action");
const keys = (table: string) =>
  rows(
    pair.targetPrimary,
    "select distinct index_name from information_schema.statistics where table_schema = 'vt_commerce' " +
      `and table_name = '${table}' order by 1`,
  ).flat();
const createTable = (table: string) => rows(pair.targetPrimary, `show create table ${table}`)[0]?.[1] ?? "";

const rules = ["plain", "t"].map((name) => `rules:{match:"${name}" filter:"select * from ${name}"}`).join(" ");
const columns = { workflow_type: 3, workflow_sub_type: 0, defer_secondary_keys: 1 };

async function start(profile: VersionProfile, further: Record<string, number> = columns): Promise<void> {
  await pair.exec(insertStream(profile, { rules, columns: further }));
  await pair.exec(startStreams);
}

/** A row in the way of the copy: it ends with an error after its keys were dropped. */
function block(): void {
  run(pair.sourcePrimary, "insert into t values (1, 'a@x', 1, 1, 'text'), (2, 'b@x', 1, 2, 'more')");
  run(pair.targetPrimary, "insert into t values (2, 'in the way', 7, 7, '')");
}

const task =
  "alter table vt_commerce.t add unique key u_idx (u, n), add key n_idx (n), " +
  "add key email_idx (email(10) desc) USING BTREE COMMENT 'it\\'s', add key `order` (n, email)";

/** Until v18 the parser keeps SHOW CREATE TABLE's letters: measured on v18.0.8. */
const asWritten = (text: string) =>
  text.replaceAll("add unique key", "add UNIQUE KEY").replaceAll("add key", "add KEY");

describe.each([profiles.v16, profiles.v18, profiles.v22])("deferred secondary keys of $name", (profile) => {
  it("go before the copy, are written down, and come back behind it", async () => {
    pair = await startPair(profile, schema);
    const before = createTable("t");
    block();
    await start(profile);
    const failed = await until(stream, ({ state }) => state === "Error");
    expect(failed.message).toContain("Duplicate entry '2' for key");
    expect(keys("t")).toEqual(["ft", "PRIMARY"]);
    const [[id, table, action] = []] = actions();
    expect([id, table, JSON.parse(action ?? "")]).toEqual([
      "1",
      "t",
      { type: 1, task: profile === profiles.v22 ? task : asWritten(task) },
    ]);

    run(pair.targetPrimary, "delete from t where email = 'in the way'");
    await pair.exec(startStreams);
    await until(stream, ({ state, message }) => state === "Running" && message === "");
    await until(
      () => rows(pair.targetPrimary, "select table_name from _vt.copy_state").length,
      (left) => left === 0,
    );
    expect(actions()).toEqual([]);
    expect(createTable("t")).toBe(before);
    expect(rows(pair.targetPrimary, "select count(*) from t")).toEqual([["2"]]);
    const log = await pair.exec("select message from _vt.vreplication_log where vrepl_id = 1 order by id");
    expect(log.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        "Copy phase started for 2 table(s)",
        "Copy phase temporarily dropping secondary keys for 2 table(s)",
        "Copy phase finished dropping secondary keys and saving post copy actions to restore them for 2 table(s)",
        "Executing 1 post copy action(s) for t table",
        "Completed all post copy actions for t table",
      ]),
    );
  });

  it("are missing when the stream is deleted in the middle, and so is the row", async () => {
    pair = await startPair(profile, schema);
    block();
    await start(profile);
    await until(stream, ({ state }) => state === "Error");
    await pair.exec("delete from _vt.vreplication where id = 1");
    expect(actions()).toEqual([]);
    expect(keys("t")).toEqual(["ft", "PRIMARY"]);
  });
});

describe("deferred secondary keys", () => {
  it("stay where the workflow's type has no such thing", async () => {
    pair = await startPair(profiles.v22, schema);
    block();
    await start(profiles.v22, { ...columns, workflow_type: 0 });
    await until(stream, ({ state }) => state === "Error");
    expect(keys("t")).toContain("n_idx");
    expect(actions()).toEqual([]);
  });

  it.each([
    { profile: profiles.v18, outcome: "go from under a foreign key until v18", left: ["PRIMARY"] },
    { profile: profiles.v22, outcome: "stay under a foreign key from v22 on", left: ["fk", "PRIMARY"] },
  ])("$outcome", async ({ profile, left }) => {
    pair = await startPair(
      profile,
      `create table plain (id int not null primary key);
       create table t (id int not null primary key, p int, n int, key n (n), constraint fk foreign key (p) references plain (id));`,
    );
    run(pair.sourcePrimary, "insert into plain values (1); insert into t values (1, 1, 1)");
    run(pair.targetPrimary, "set foreign_key_checks = 0; insert into t values (1, 1, 1)");
    await start(profile);
    await until(stream, ({ state }) => state === "Error");
    expect(keys("t")).toEqual(left);
    run(pair.targetPrimary, "delete from t");
    await pair.exec(startStreams);
    await until(stream, ({ state, pos, message }) => state === "Running" && pos !== "" && message === "");
    await until(
      () => keys("t"),
      (found) => found.join() === "fk,n,PRIMARY",
    );
  });

  it("of a table that two streams copy come back once", async () => {
    pair = await startPair(profiles.v22, schema);
    run(pair.sourcePrimary, "insert into t values (1, 'a@x', 1, 1, 'text')");
    // The first one drops them; the second finds none and owes none.
    await pair.exec(insertStream(profiles.v22, { rules, columns }));
    await pair.exec(
      insertStream(profiles.v22, {
        rules: rules.replaceAll('select * from t"', 'select * from t where id > 5"'),
        columns,
      }),
    );
    await pair.exec(startStreams);
    const both = () => pair.exec("select * from _vt.vreplication where workflow='wf'");
    await until(both, (streams) =>
      streams.every(({ state, pos, message }) => state === "Running" && pos !== "" && message === ""),
    );
    await until(
      () => rows(pair.targetPrimary, "select table_name from _vt.copy_state").length,
      (left) => left === 0,
    );
    expect(keys("t")).toEqual(["email_idx", "ft", "n_idx", "order", "PRIMARY", "u_idx"]);
    expect(actions()).toEqual([]);
  });

  it("that can't come back end the stream, and are still written down", async () => {
    pair = await startPair(profiles.v22, schema);
    run(
      pair.sourcePrimary,
      "alter table t drop key u_idx; insert into t values (1, 'a@x', 1, 1, ''), (2, 'b@x', 1, 1, '')",
    );
    await start(profiles.v22);
    const { message } = await until(stream, ({ state }) => state === "Error");
    expect(message).toMatch(
      /^terminal error: failed to execute post copy actions for table "t": Duplicate entry '1-1' for key 't.u_idx' \(errno 1062\) \(sqlstate 23000\) during query: alter table vt_commerce.t add unique key/,
    );
    expect(actions()).toHaveLength(1);
  });
});
