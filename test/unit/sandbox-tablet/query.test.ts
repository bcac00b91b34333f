import { type ClientReadableStream, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import type { SandboxTablet } from "../../../src/sandbox/tablet/tablet.js";
import type { MessageInput, MessageOutput } from "../../../src/wire/proto.js";
import { decodeResult, decodeRow, records } from "../../../src/wire/result.js";
import { Cluster, quick, rows, run, until } from "./clusters.js";

const primaryTarget = { keyspace: "commerce", shard: "0", tablet_type: "PRIMARY" } as const;
const replicaTarget = { ...primaryTarget, tablet_type: "REPLICA" } as const;

let cluster: Cluster;
let primary: SandboxTablet;
let replica: SandboxTablet;

beforeAll(async () => {
  cluster = await Cluster.start("zx");
  const timings = { ...quick, transactionTimeoutMs: 400 };
  primary = await cluster.tablet({ uid: 1, profile: profiles.v22, timings });
  replica = await cluster.tablet({ uid: 2, profile: profiles.v22, timings, type: "REPLICA", replicaOf: primary });
});
afterAll(() => cluster.stop());
beforeEach(() => {
  run(
    primary,
    "drop table if exists t; create table t (id int not null, name varchar(20), primary key (id)); insert into t values (1, 'a'), (2, null)",
  );
});

type Target = MessageInput<"query.Target">;

function execute(
  sql: string,
  more: MessageInput<"query.ExecuteRequest"> = {},
  tablet = primary,
  target: Target = primaryTarget,
) {
  return cluster.query(tablet).Execute({ target, query: { sql }, ...more }) as Promise<
    MessageOutput<"query.ExecuteResponse">
  >;
}

const error = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (reason) => ({ code: reason.code, details: reason.details }),
  );

function collect<T>(stream: ClientReadableStream<T>): Promise<T[]> {
  return (async () => {
    const messages: T[] = [];
    for await (const message of stream) messages.push(message);
    return messages;
  })();
}

describe("Execute", () => {
  it("answers rows with name and type of their columns, or with all there is to say", async () => {
    const { result } = await execute("select id, name from t order by id");
    expect(result?.fields.map(({ name, type, table }) => [name, type, table])).toEqual([
      ["id", "INT32", ""],
      ["name", "VARCHAR", ""],
    ]);
    expect(records(decodeResult(result))).toEqual([
      { id: "1", name: "a" },
      { id: "2", name: null },
    ]);
    const all = await execute("select id from t", { options: { included_fields: "ALL" } });
    expect(all.result?.fields[0]).toMatchObject({ table: "t", database: "vt_commerce", column_length: 11 });
  });

  it("puts bind variables in", async () => {
    const bind_variables = {
      v1: { type: "VARCHAR" as const, value: Buffer.from("it's") },
      id: { type: "INT64" as const, value: Buffer.from("2") },
    };
    const { result } = await execute("x", { query: { sql: "update t set name = :v1 where id = :id", bind_variables } });
    expect(result?.rows_affected).toBe("1");
    expect(rows(primary, "select name from t where id = 2")).toEqual([["it's"]]);
  });

  it("is refused for another tablet's target", async () => {
    expect(await error(execute("select 1", {}, primary, replicaTarget))).toEqual({
      code: status.FAILED_PRECONDITION,
      details: "wrong tablet type: REPLICA, want: PRIMARY or []",
    });
    expect(await error(execute("select 1", {}, primary, { ...primaryTarget, keyspace: "x" }))).toEqual({
      code: status.INVALID_ARGUMENT,
      details: "invalid keyspace x does not match expected commerce",
    });
    expect(await error(execute("select 1", {}, primary, { ...primaryTarget, shard: "-80" }))).toEqual({
      code: status.INVALID_ARGUMENT,
      details: "invalid shard -80 does not match expected 0",
    });
    expect(await error(cluster.query(primary).Execute({ query: { sql: "select 1" } }))).toMatchObject({
      details: "No target",
    });
  });

  it("words MySQL's errors with errno, sqlstate and query, each with its code", async () => {
    const missing = await error(execute("select * from nope", { immediate_caller_id: { username: "userData1" } }));
    expect(missing).toEqual({
      code: status.NOT_FOUND,
      details:
        "Table 'vt_commerce.nope' doesn't exist (errno 1146) (sqlstate 42S02) (CallerID: userData1): Sql: \"select * from nope\", BindVars: {}",
    });
    expect(await error(execute("insert into t values (1, 'again')"))).toMatchObject({ code: status.ALREADY_EXISTS });
    expect(await error(execute("selekt"))).toMatchObject({ code: status.INVALID_ARGUMENT });
  });

  it("reads from a replica, and writes nothing there", async () => {
    await replica.mysql.waitForGtid(primary.mysql.gtidExecuted(), AbortSignal.timeout(5000));
    const { result } = await execute("select count(*) as n from t", {}, replica, replicaTarget);
    expect(records(decodeResult(result))).toEqual([{ n: "2" }]);
    expect(await error(execute("insert into t values (9, 'x')", {}, replica, replicaTarget))).toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: expect.stringContaining("--super-read-only option so it cannot execute this statement (errno 1290)"),
    });
  });

  it("refuses denied tables once RefreshState has seen them", async () => {
    const setDenied = async (denied_tables: string[]) => {
      await cluster.topo.update("topodata.Shard", "keyspaces/commerce/shards/0/Shard", (shard) => ({
        ...shard,
        tablet_controls: denied_tables.length === 0 ? [] : [{ tablet_type: "PRIMARY" as const, denied_tables }],
      }));
    };
    await setDenied(["t"]);
    await execute("select 1 from t");
    await cluster.manager(primary).RefreshState({});
    for (const sql of [
      "select * from t",
      "update t set name = 'x'",
      "select * from vt_commerce.t",
      "select (select max(id) from t)",
    ]) {
      expect(await error(execute(sql))).toEqual({
        code: status.FAILED_PRECONDITION,
        details: "disallowed due to rule: enforce denied tables",
      });
    }
    await execute("select 't'");
    await setDenied([]);
    await cluster.manager(primary).RefreshState({});
    await execute("select * from t");
  });
});

describe("transactions", () => {
  const begin = async () =>
    ((await cluster.query(primary).Begin({ target: primaryTarget })) as unknown as MessageOutput<"query.BeginResponse">)
      .transaction_id;

  it("commit, or roll back", async () => {
    const query = cluster.query(primary);
    const first = await begin();
    await execute("insert into t values (3, 'c')", { transaction_id: first });
    await query.Rollback({ target: primaryTarget, transaction_id: first });
    const second = await begin();
    await execute("insert into t values (4, 'd')", { transaction_id: second });
    await query.Commit({ target: primaryTarget, transaction_id: second });
    expect(rows(primary, "select id from t where id > 2")).toEqual([["4"]]);
    expect(await error(query.Commit({ target: primaryTarget, transaction_id: second }))).toMatchObject({
      code: status.ABORTED,
      details: expect.stringMatching(/^transaction \d+: ended at .* \(transaction committed\)$/),
    });
  });

  it("end when their time is up", async () => {
    const id = await begin();
    await execute("insert into t values (3, 'c')", { transaction_id: id });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await error(execute("select 1", { transaction_id: id }))).toMatchObject({
      code: status.ABORTED,
      details: expect.stringContaining("exceeded timeout: 0.4s"),
    });
    expect(rows(primary, "select count(*) from t")).toEqual([["2"]]);
  });
});

describe("streams", () => {
  it("StreamExecute sends the columns first, then packets of rows", async () => {
    const stream = cluster
      .query(primary)
      .streams.streamExecute({ target: primaryTarget, query: { sql: "select id from t order by id" } });
    const messages = await collect(stream);
    expect(messages.map(({ result }) => [result?.fields.length, result?.rows.length])).toEqual([
      [1, 0],
      [0, 2],
    ]);
  });

  it("StreamHealth answers at once, again when something changes, and in between", async () => {
    const stream = cluster.query(replica).streams.streamHealth({});
    const seen: MessageOutput<"query.StreamHealthResponse">[] = [];
    stream.on("data", (message) => seen.push(message)).on("error", () => {});
    await until(
      () => seen.length,
      (count) => count === 1,
      300,
    );
    expect(seen[0]).toMatchObject({ serving: true, target: replicaTarget, tablet_alias: { cell: "zx", uid: 2 } });
    replica.setReplicationLag(7000);
    await until(
      () => seen.at(-1)?.realtime_stats?.replication_lag_seconds,
      (lag) => lag === 7,
      300,
    );
    replica.setReplicationLag(0);
    const count = seen.length;
    await until(
      () => seen.length,
      (now) => now >= count + 2,
      2000,
    );
    stream.cancel();
  });

  it("VStreamRows goes on behind a key, with the position of its snapshot", async () => {
    run(
      primary,
      `insert into t values ${Array.from({ length: 8000 }, (_, i) => `(${i + 10}, '${"x".repeat(20)}')`).join(",")}`,
    );
    const read = (lastpk: MessageInput<"query.QueryResult"> | null) =>
      collect(cluster.query(primary).streams.vStreamRows({ target: primaryTarget, query: "select * from t", lastpk }));
    const messages = await read(null);
    expect(messages[0]).toMatchObject({
      gtid: `MySQL56/${primary.mysql.gtidExecuted()}`,
      pkfields: [{ name: "id", type: "INT32", charset: 63, flags: 53251 }],
    });
    const ids = (found: typeof messages) =>
      found.flatMap((message) => message.rows.map((row) => Number(decodeRow(row)[0])));
    expect(ids(messages)).toEqual([1, 2, ...Array.from({ length: 8000 }, (_, i) => i + 10)]);
    const middle = messages[1]?.lastpk ?? null;
    expect(messages.length).toBe(2);
    expect(Number(decodeRow(middle ?? { lengths: [], values: Buffer.alloc(0) })[0])).toBe(8009);
    const rest = await read({
      fields: messages[0]?.pkfields ?? [],
      rows: [{ lengths: [4], values: Buffer.from("7999") }],
    });
    expect(ids(rest)).toEqual(Array.from({ length: 10 }, (_, i) => 8000 + i));
  });

  it("VStreamRows takes filters, and says what it can't do", async () => {
    const read = (query: string) =>
      collect(cluster.query(primary).streams.vStreamRows({ target: primaryTarget, query }));
    const messages = await read("select name as n, id from t where id > 1 and name is null");
    expect(messages[0]?.fields.map(({ name }) => name)).toEqual(["name", "id"]);
    expect(messages.flatMap(({ rows: found }) => found.map(decodeRow))).toEqual([[null, Buffer.from("2")]]);
    await expect(read("select * from nope")).rejects.toThrow("table nope not found in vttablet schema");
    await expect(read("select nope from t")).rejects.toThrow("column nope not found in table t");
    await expect(read("select * from t join t as u")).rejects.toThrow("unsupported");
    await expect(read("select * from t where in_keyrange(id, 'nope', '-80')")).rejects.toThrow();
  });

  it("VStreamResults runs any SELECT in a snapshot", async () => {
    const read = (query: string) =>
      collect(cluster.query(primary).streams.vStreamResults({ target: primaryTarget, query }));
    const messages = await read("select count(*) as n, max(name) from t");
    expect(messages[0]?.gtid).toBe(`MySQL56/${primary.mysql.gtidExecuted()}`);
    expect(messages[1]?.rows.map(decodeRow)).toEqual([[Buffer.from("2"), Buffer.from("a")]]);
    await expect(read("select * from nope")).rejects.toThrow("doesn't exist (errno 1146)");
  });

  it("VStream sends what happened since a position, as events", async () => {
    const position = `MySQL56/${primary.mysql.gtidExecuted()}`;
    run(
      primary,
      "insert into t values (3, 'c'); create table u (id int primary key); insert into u values (1); update t set name = 'C', id = 30 where id = 3; delete from t where id = 30",
    );
    const filter = { rules: [{ match: "t", filter: "select id, name from t where id < 10" }] };
    const stream = cluster.query(primary).streams.vStream({ target: primaryTarget, position, filter });
    stream.on("error", () => {});
    const events: MessageOutput<"binlogdata.VEvent">[] = [];
    stream.on("data", ({ events: found }: MessageOutput<"binlogdata.VStreamResponse">) => events.push(...found));
    await until(
      () => events.map(({ type }) => type),
      (types) => types.includes("HEARTBEAT"),
    );
    stream.cancel();
    const types = events
      .map(({ type }) => type)
      .filter((type) => type !== "HEARTBEAT")
      .join(" ");
    expect(types).toBe(
      "BEGIN FIELD ROW GTID COMMIT GTID OTHER BEGIN GTID COMMIT BEGIN FIELD ROW GTID COMMIT BEGIN GTID COMMIT",
    );
    const changes = events.flatMap(({ row_event: row }) => row?.row_changes ?? []);
    const image = (row: MessageOutput<"query.Row"> | null) => row && decodeRow(row).map(String);
    expect(changes.map(({ before, after }) => [image(before), image(after)])).toEqual([
      [null, ["3", "c"]],
      [["3", "c"], null],
    ]);
    expect(events.findLast(({ gtid }) => gtid !== "")?.gtid).toBe(`MySQL56/${primary.mysql.gtidExecuted()}`);
    expect(Number(events[0]?.timestamp)).toBeGreaterThan(Date.now() / 1000 - 60);
    run(primary, "drop table u");
  });
});

describe("a replica", () => {
  it("follows its primary after the lag it was given", async () => {
    replica.setReplicationLag(60_000);
    run(primary, "insert into t values (3, 'c')");
    const gtids = primary.mysql.gtidExecuted();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(replica.mysql.gtidExecuted()).not.toBe(gtids);
    const waiting = cluster.manager(replica).WaitForPosition({ position: `MySQL56/${gtids}` });
    replica.setReplicationLag(0);
    await waiting;
    expect(rows(replica, "select count(*) from t")).toEqual([["3"]]);
    expect(replica.mysql.gtidExecuted()).toBe(gtids);
  });
});
