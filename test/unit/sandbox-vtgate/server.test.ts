import { status } from "@grpc/grpc-js";
import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Type } from "../../../src/wire/generated/query/Type.js";
import type { ResultSet } from "../../../src/wire/result.js";
import { TestCluster } from "./cluster.js";
import { Refusal } from "./recording-tablet.js";

const cluster = new TestCluster();
let client: Connection;

beforeAll(() => cluster.start());
afterAll(() => cluster.stop());
beforeEach(async () => {
  cluster.tablet.calls.length = 0;
  cluster.tablet.answer = () => rows([], []);
  client = await connect("commerce");
});
afterEach(() => client.end());

function connect(database?: string): Promise<Connection> {
  const where = { host: "127.0.0.1", port: cluster.port, user: "app", password: "anything" };
  return createConnection({ ...where, dateStrings: true, supportBigNumbers: true, ...(database ? { database } : {}) });
}

function rows(columns: [name: string, type: keyof typeof Type][], values: (string | Buffer | null)[][]): ResultSet {
  const fields = columns.map(([name, type]) => ({ ...emptyField, name, type }));
  const bytes = values.map((row) => row.map((value) => (typeof value === "string" ? Buffer.from(value) : value)));
  return { fields, rows: bytes, rowsAffected: 0, insertId: 0n };
}

const emptyField = {
  table: "",
  org_table: "",
  database: "",
  org_name: "",
  column_length: 0,
  charset: 0,
  decimals: 0,
  flags: 0,
  column_type: "",
};

async function refusal(run: Promise<unknown>): Promise<{ errno: number; sqlState: string; message: string }> {
  const error: unknown = await run.then(
    () => new Error("nothing was refused"),
    (reason: unknown) => reason,
  );
  const { errno, sqlState, sqlMessage } = error as { errno: number; sqlState: string; sqlMessage: string };
  return { errno, sqlState, message: sqlMessage };
}

describe("routing", () => {
  it("sends a qualified name to its keyspace's primary, without the qualifier", async () => {
    await client.query("select * from commerce.customer");
    expect(cluster.tablet.calls).toEqual(["commerce.0.PRIMARY execute 0: select * from customer"]);
  });

  it("follows the database of the connection and of USE", async () => {
    await client.query("use `commerce@replica`");
    await client.query("select 1 from customer");
    expect(cluster.tablet.calls).toEqual(["commerce.0.REPLICA execute 0: select 1 from customer"]);
  });

  it("needs a vindex to read a sharded table, unless a shard is chosen", async () => {
    expect(await refusal(client.query("select * from orders.corder"))).toMatchObject({
      errno: 1173,
      message: "VT09001: table 'corder' does not have a primary vindex",
    });
    await client.query("use `orders:80-`");
    await client.query("select * from corder");
    expect(cluster.tablet.calls).toEqual(["orders.80-.PRIMARY execute 0: select * from corder"]);
  });

  it("hears at once of a table that is announced", async () => {
    const elsewhere = await connect();
    expect((await refusal(elsewhere.query("select * from fresh"))).message).toBe("table fresh not found");
    await elsewhere.query("select * from commerce.fresh");
    await cluster.announce({ commerce: { tables: { customer: {}, fresh: {} } }, orders: { sharded: true } });
    await vi.waitFor(() => elsewhere.query("select * from fresh"), { timeout: 5_000 });
    await elsewhere.end();
  });

  it("follows a new primary", async () => {
    await cluster.putTablet(9, "commerce", "0", "PRIMARY", 1);
    await vi.waitFor(async () => expect((await refusal(client.query("select 1 from customer"))).errno).toBe(1105), {
      timeout: 10_000,
    });
    await cluster.putTablet(10, "commerce", "0", "PRIMARY");
    await vi.waitFor(() => client.query("select 1 from customer"), { timeout: 10_000 });
  });

  it("refuses a connection to an unknown keyspace", async () => {
    expect(await refusal(connect("nope"))).toMatchObject({ errno: 1049 });
  });
});

describe("transactions", () => {
  it("begins on a shard when it is first touched, and commits there", async () => {
    await client.beginTransaction();
    await client.query("insert into customer(email) values ('a')");
    await client.query("update customer set email = 'b'");
    await client.commit();
    await client.query("select 1 from customer");
    const calls = cluster.tablet.calls.map((call) => call.replace(/ \d+/, " N"));
    expect(calls).toEqual([
      "commerce.0.PRIMARY begin N",
      "commerce.0.PRIMARY execute N: insert into customer(email) values ('a')",
      "commerce.0.PRIMARY execute N: update customer set email = 'b'",
      "commerce.0.PRIMARY commit N",
      "commerce.0.PRIMARY execute N: select 1 from customer",
    ]);
    expect(cluster.tablet.calls.at(-1)).toContain("execute 0:");
  });

  it("takes in queries without tables, but begins nothing for them", async () => {
    await client.beginTransaction();
    await client.query("select 1");
    await client.query("show tables");
    await client.query("delete from customer");
    await client.query("select 1");
    await client.query("show tables");
    await client.rollback();
    const ids = cluster.tablet.calls.map((call) => /\w+ (\d+)/.exec(call.replace(/^\S+ /, ""))?.[1]);
    expect(cluster.tablet.calls.map((call) => call.split(" ")[1])).toEqual([
      "execute",
      "execute",
      "begin",
      "execute",
      "execute",
      "execute",
      "rollback",
    ]);
    expect(ids.slice(0, 2)).toEqual(["0", "0"]);
    expect(new Set(ids.slice(2)).size).toBe(1);
  });

  it("rolls back when the client goes away", async () => {
    await client.beginTransaction();
    await client.query("delete from customer");
    client.destroy();
    await vi.waitFor(() => expect(cluster.tablet.calls.at(-1)).toContain("rollback"));
  });

  it("opens one by itself without autocommit, and commits it when autocommit comes back", async () => {
    await client.query("set autocommit = 0");
    await client.query("delete from customer");
    await client.query("set autocommit = 1");
    expect(cluster.tablet.calls.map((call) => call.split(" ")[1])).toEqual(["begin", "execute", "commit"]);
  });

  it("commits before DDL", async () => {
    await client.beginTransaction();
    await client.query("delete from customer");
    await client.query("create table t(id int primary key)");
    expect(cluster.tablet.calls.map((call) => call.split(" ")[1])).toEqual(["begin", "execute", "commit", "execute"]);
    expect(cluster.tablet.calls.at(-1)).toContain("execute 0: create table");
  });

  it("is over when the tablet says that it aborted", async () => {
    await client.beginTransaction();
    cluster.tablet.answer = () => {
      throw new Refusal(status.ABORTED, "transaction 1: ended (exceeded timeout: 30s)");
    };
    expect(await refusal(client.query("delete from customer"))).toMatchObject({ errno: 1317, sqlState: "70100" });
    cluster.tablet.answer = () => rows([], []);
    await client.query("select 1 from customer");
    expect(cluster.tablet.calls.at(-1)).toContain("execute 0:");
  });
});

describe("results", () => {
  const columns: [string, keyof typeof Type][] = [
    ["i8", "INT8"],
    ["u64", "UINT64"],
    ["i64", "INT64"],
    ["year", "YEAR"],
    ["f32", "FLOAT32"],
    ["f64", "FLOAT64"],
    ["dec", "DECIMAL"],
    ["date", "DATE"],
    ["dt", "DATETIME"],
    ["time", "TIME"],
    ["text", "VARCHAR"],
    ["bin", "VARBINARY"],
    ["json", "JSON"],
    ["enum", "ENUM"],
    ["bit", "BIT"],
    ["none", "VARCHAR"],
  ];
  const values = [
    "-5",
    "18446744073709551615",
    "-9223372036854775808",
    "2024",
    "1.5",
    "2.25",
    "12345678901234567890.10",
    "2024-02-29",
    "2024-02-29 01:02:03.000040",
    "-51:04:05",
    "it's ☃",
    Buffer.from([0xff, 0x00]),
    '{"a": 1}',
    "x",
    Buffer.from([1, 2]),
    null,
  ];
  const expected = {
    i8: -5,
    u64: "18446744073709551615",
    i64: "-9223372036854775808",
    year: 2024,
    f32: 1.5,
    f64: 2.25,
    dec: "12345678901234567890.10",
    date: "2024-02-29",
    dt: "2024-02-29 01:02:03.000040",
    time: "-51:04:05",
    text: "it's ☃",
    bin: Buffer.from([0xff, 0x00]),
    json: { a: 1 },
    enum: "x",
    bit: Buffer.from([1, 2]),
    none: null,
  };

  it("keeps types and values in the text protocol", async () => {
    cluster.tablet.answer = () => rows(columns, [values]);
    const [answer] = await client.query<RowDataPacket[]>("select * from customer");
    expect(answer).toEqual([expected]);
  });

  it("keeps types and values in the binary protocol", async () => {
    cluster.tablet.answer = () => rows(columns, [values, values]);
    const [answer] = await client.execute<RowDataPacket[]>("select * from customer");
    const seconds = columns.map(([name]) => [name, answer[1]?.[name]]);
    // mysql2's binary reader knows fractions only when the column declares them.
    expect(Object.fromEntries(seconds)).toMatchObject({
      ...expected,
      dt: expect.stringMatching(/^2024-02-29 01:02:03/),
    });
  });

  it("gives affected rows and the last insert id", async () => {
    cluster.tablet.answer = () => ({ fields: [], rows: [], rowsAffected: 3, insertId: 70_000n });
    const [header] = await client.query("insert into customer(email) values ('a')");
    expect(header).toMatchObject({ affectedRows: 3, insertId: 70_000 });
    cluster.tablet.answer = () => rows([["last_insert_id()", "UINT64"]], [["70000"]]);
    await client.query("select last_insert_id()");
    expect(cluster.tablet.calls.at(-1)).toBe("commerce.0.PRIMARY execute 0: select 70000 as `last_insert_id()`");
  });

  it("binds a prepared statement's values", async () => {
    const when = new Date(2024, 1, 29, 1, 2, 3);
    await client.execute("update commerce.customer set a = ?, b = ?, c = ?, d = ? where e = '?' and id = ?", [
      "it's",
      null,
      when,
      Buffer.from([0xff]),
      7,
    ]);
    expect(cluster.tablet.calls).toEqual([
      "commerce.0.PRIMARY execute 0: update customer set a = 'it\\'s', b = null, c = '2024-02-29 01:02:03', d = x'ff' where e = '?' and id = 7",
    ]);
  });

  it("sends a result of many rows whole", async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => [String(i)]);
    cluster.tablet.answer = () => rows([["id", "INT64"]], many);
    const [answer] = await client.query<RowDataPacket[]>("select id from customer");
    expect(answer.length).toBe(20_000);
    expect(answer.at(-1)).toEqual({ id: 19_999 });
  });
});

describe("what the vtgate answers itself", () => {
  it("shows keyspaces as databases", async () => {
    const [answer] = await client.query("show databases");
    expect(answer).toEqual([{ Database: "commerce" }, { Database: "orders" }]);
  });

  it("fills in the values of the session", async () => {
    await client.query("select @@version_comment limit 1");
    await client.query("select database(), USER() limit 1");
    expect(cluster.tablet.calls).toEqual([
      "commerce.0.PRIMARY execute 0: select 'Vitess 22.0.3' as `@@version_comment` limit 1",
      "commerce.0.PRIMARY execute 0: select 'commerce' as `database()`, 'app@localhost' as `USER()` limit 1",
    ]);
  });

  it("takes SET NAMES and shows variables", async () => {
    await client.query("set names latin1");
    const [answer] = await client.query("show variables like 'character_set_c%'");
    expect(answer).toEqual([
      { Variable_name: "character_set_client", Value: "latin1" },
      { Variable_name: "character_set_connection", Value: "latin1" },
    ]);
    expect(await refusal(client.query("set no_such_thing = 1"))).toMatchObject({ errno: 1193 });
  });

  it("puts a variable back from a user variable", async () => {
    await client.query("set @old = @@sql_mode, sql_mode = 'ANSI'");
    await client.query("set sql_mode = @old");
    const [answer] = await client.query<RowDataPacket[]>("show variables like 'sql_mode'");
    expect(answer[0]?.Value).toContain("STRICT_TRANS_TABLES");
  });

  it("asks a tablet for tables and names the column after the keyspace", async () => {
    cluster.tablet.answer = () => rows([["Tables_in_vt_commerce", "VARCHAR"]], [["corder"], ["customer"]]);
    const [answer] = await client.query("show tables like 'cust%'");
    expect(answer).toEqual([{ Tables_in_commerce: "customer" }]);
  });

  it("answers ping and reset", async () => {
    await client.ping();
    await client.reset();
    await client.query("use commerce");
  });
});

describe("errors", () => {
  it("keeps MySQL's numbers from the tablet's text", async () => {
    cluster.tablet.answer = () => {
      throw new Refusal(
        status.ALREADY_EXISTS,
        "Duplicate entry '1' for key 'customer.PRIMARY' (errno 1062) (sqlstate 23000)",
      );
    };
    expect(await refusal(client.query("insert into customer(id) values (1)"))).toEqual({
      errno: 1062,
      sqlState: "23000",
      message:
        "target: commerce.0.primary: vttablet: rpc error: code = AlreadyExists desc = Duplicate entry '1' for key 'customer.PRIMARY' (errno 1062) (sqlstate 23000)",
    });
  });

  it("says where a syntax error is, and serves on", async () => {
    const error = await refusal(client.query("selekt 1"));
    expect(error).toMatchObject({ errno: 1064, sqlState: "42000" });
    expect(error.message).toMatch(/^syntax error at position \d+ near/);
    await client.query("select 1");
  });

  it("refuses a statement handle that isn't there", async () => {
    const statement = await client.prepare("select ? from customer");
    await client.reset();
    expect(await refusal(statement.execute([1]))).toMatchObject({ errno: 1243 });
  });
});
