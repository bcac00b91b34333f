import { afterEach, describe, expect, it } from "vitest";
import { profiles, type VersionProfile } from "../../../src/sandbox/tablet/profiles.js";
import type { SandboxTablet } from "../../../src/sandbox/tablet/tablet.js";
import type { MessageOutput } from "../../../src/wire/proto.js";
import { decodeResult } from "../../../src/wire/result.js";
import { Cluster, commerce, insertStream, rows, run, until } from "./clusters.js";

type FetchAnswer = MessageOutput<"tabletmanagerdata.ExecuteFetchAsAppResponse">;

let cluster: Cluster;
let primary: SandboxTablet;
afterEach(() => cluster?.stop());

async function start(profile: VersionProfile = profiles.v22): Promise<void> {
  cluster = await Cluster.start("zx");
  primary = await cluster.tablet({ uid: 1, profile });
}

const details = (call: Promise<unknown>) =>
  call.then(
    () => "accepted",
    (reason) => String(reason.details),
  );
const exec = (query: string) => details(cluster.manager(primary).VReplicationExec({ query }));

const narrow = { fields: "workflow, source, pos, max_tps, max_replication_lag, time_updated", values: "'', 0, 0, 1" };
const insert = (source: string) =>
  `insert into _vt.vreplication(${narrow.fields}, transaction_timestamp, state, db_name) ` +
  `values ('wf', '${source}', ${narrow.values}, 0, 'Stopped', 'vt_commerce')`;

describe("a stream's row", () => {
  it.each([profiles.v22, profiles.main])("needs options in $name", async (profile) => {
    await start(profile);
    expect(await exec(insert('keyspace:"c"'))).toBe(
      "TabletManager.VReplicationExec on zx-0000000001: Field 'options' doesn't have a default value (errno 1364) " +
        `(sqlstate HY000) during query: ${insert('keyspace:"c"')}`,
    );
  });

  it.each([profiles.v11, profiles.v14, profiles.v16, profiles.v18])("needs none in $name", async (profile) => {
    await start(profile);
    expect(await exec(insert('keyspace:"c"'))).toBe("accepted");
  });

  const source = (bytes: number) => `keyspace:"${"c".repeat(bytes - 'keyspace:""'.length)}"`;

  const count = () => rows(primary, "select count(*) from _vt.vreplication")[0]?.[0];

  it("has room for 65535 bytes of source in v11, not for one more", async () => {
    await start(profiles.v11);
    expect(await exec(insert(source(65_000)))).toBe("accepted");
    expect(await exec(insert(source(65_536)))).toContain("Data too long for column 'source' at row 1 (errno 1406)");
    expect(count()).toBe("1");
  });

  it.each([profiles.v11, profiles.v14, profiles.v18])(
    "of more than 64 KB is inserted by $name, which then fails to log it",
    async (profile) => {
      await start(profile);
      const outcome = await exec(insert(source(65_500)));
      expect(outcome).toContain("could not insert into log table: insert into _vt.vreplication_log");
      expect(count()).toBe("1");
    },
  );

  it("of any size is logged by v22, without its middle", async () => {
    await start();
    const sql = insert(source(200_000))
      .replace("db_name)", "db_name, options)")
      .replace("'vt_commerce')", "'vt_commerce', '{}')");
    expect(await exec(sql)).toBe("accepted");
    const [[message] = []] = rows(primary, "select message from _vt.vreplication_log");
    expect(message?.length).toBe(65_533);
    expect(message).toContain("ccc ... [TRUNCATED] ... ccc");
  });

  it.each([
    [profiles.v11, "PRIMARY", false],
    [profiles.v11, "MASTER,Replica,rdonly", true],
    [profiles.v11, "in_order:REPLICA,MASTER", false],
    [profiles.v14, "in_order:REPLICA,PRIMARY", true],
    [profiles.v14, "IN_ORDER:replica", false],
    [profiles.v18, "master,spare", true],
    [profiles.v18, "replica, primary", false],
    [profiles.v22, "Replica,Primary", true],
    [profiles.v22, "replcia", false],
  ] as const)("%#: is started with tablet types, or isn't", async (profile, types, isKnown) => {
    await start(profile);
    await cluster.mount("ext1", cluster);
    await cluster.manager(primary).VReplicationExec({ query: insertStream(profile, { types }) });
    const outcome = await exec("update _vt.vreplication set state='Running' where id = 1");
    expect(outcome.replace(/^.*?: failed/, "failed")).toContain(
      isKnown ? "accepted" : `failed to parse list of tablet types: ${types}`,
    );
  });
});

describe("ApplySchema", () => {
  const zero = "create table z (id int primary key, at datetime not null default '0000-00-00 00:00:00')";
  const apply = (sql_mode: string, sql = zero) =>
    details(cluster.manager(primary).ApplySchema({ sql, sql_mode, allow_replication: true }));

  it.each([profiles.v14, profiles.v22])("of $name is strict unless it is told", async (profile) => {
    await start(profile);
    expect(await apply("")).toContain("Invalid default value for 'at'");
    expect(await apply("NO_AUTO_VALUE_ON_ZERO")).toBe("accepted");
    run(primary, "set sql_mode = ''; insert into z values (1, '0000-00-00')");
    expect(rows(primary, "select at from z")).toEqual([["0000-00-00 00:00:00"]]);
  });

  it("of v11 hears no sql_mode; the script may set it", async () => {
    await start(profiles.v11);
    expect(await apply("NO_AUTO_VALUE_ON_ZERO")).toContain("Invalid default value for 'at'");
    expect(await apply("", `set @@session.sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; ${zero}`)).toBe("accepted");
  });
});

describe("a stream's session", () => {
  it.each([
    [profiles.v11, "Incorrect datetime value: '0000-00-00 00:00:00'"],
    [profiles.v14, ""],
    [profiles.v22, ""],
  ] as const)("%#: takes zero dates and cuts texts from v14 on", async (profile, refusal) => {
    const schema = "create table z (id int auto_increment primary key, at datetime, t varchar(3));";
    const source = await Cluster.start("zx");
    try {
      const from = await source.tablet({ uid: 1, profile });
      await start(profile);
      await cluster.mount("ext1", source);
      run(from, `${schema.replace("varchar(3)", "varchar(9)")} set sql_mode = 'NO_AUTO_VALUE_ON_ZERO'`);
      run(from, "set sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; insert into z values (0, '0000-00-00', 'abc')");
      run(primary, schema);
      const rules = 'rules:{match:"z" filter:"select * from z"}';
      const types = profile === profiles.v11 ? "master" : "primary";
      await exec(insertStream(profile, { types, rules }));
      await exec("update _vt.vreplication set state='Running' where id = 1");
      const message = () => rows(primary, "select message from _vt.vreplication")[0]?.[0] ?? "";
      if (refusal !== "") {
        await until(message, (text) => text.includes(refusal));
        return;
      }
      await until(
        () => rows(primary, "select * from z").join(),
        (seen) => seen === "0,0000-00-00 00:00:00,abc",
      );
      run(from, "update z set t = 'abcdef' where id = 0");
      run(from, "insert into z(t) values ('last')");
      await until(
        () => rows(primary, "select id, t from z").join(" "),
        (seen) => seen === "0,abc 1,las",
      );
    } finally {
      await source.stop();
    }
  });
});

describe("a replica", () => {
  it("tells its own position, its schema and its rows, and takes no writes", async () => {
    await start();
    run(primary, `${commerce}; insert into customer(email) values ('a')`);
    const replica = await cluster.tablet({ uid: 2, profile: profiles.v22, type: "REPLICA", replicaOf: primary });
    await replica.mysql.waitForGtid(primary.mysql.gtidExecuted(), AbortSignal.timeout(5_000));
    replica.setReplicationLag(60_000);
    const before = `MySQL56/${replica.mysql.gtidExecuted()}`;
    run(primary, "insert into customer(email) values ('b')");
    const manager = cluster.manager(replica);
    expect(await manager.PrimaryPosition({})).toEqual({ position: before });
    expect(`MySQL56/${primary.mysql.gtidExecuted()}`).not.toBe(before);
    const schema = (await manager.GetSchema({})) as unknown as MessageOutput<"tabletmanagerdata.GetSchemaResponse">;
    expect(schema.schema_definition?.table_definitions.map(({ name }) => name)).toEqual([
      "customer",
      "notes",
      "product",
    ]);
    const app = async (sql: string) => {
      const answer = await manager.ExecuteFetchAsApp({ query: Buffer.from(sql), max_rows: 10 });
      return decodeResult((answer as unknown as FetchAnswer).result).rows.map((row) => row.map(String));
    };
    expect(await app("select count(*) from vt_commerce.customer")).toEqual([["1"]]);
    expect(await app("select convert_tz('2006-01-02 15:04:05', 'US/Pacific', 'UTC')")).toEqual([
      ["2006-01-02 23:04:05"],
    ]);
    expect(await app("select exists(select 1 from `vt_commerce`.`customer`)")).toEqual([["1"]]);
    expect(
      await app(
        "select 'customer' as t, exists(select 1 from `vt_commerce`.`customer`) as filled union all " +
          "select 'notes', exists(select 1 from `vt_commerce`.`notes`)",
      ),
    ).toEqual([
      ["customer", "1"],
      ["notes", "0"],
    ]);
    const query = Buffer.from("insert into vt_commerce.customer(email) values ('x')");
    for (const write of [manager.ExecuteFetchAsApp({ query }), manager.ExecuteFetchAsDba({ query })]) {
      expect(await details(write)).toContain("--super-read-only option");
    }
    expect(await details(manager.VReplicationExec({ query: "select * from _vt.vreplication" }))).toContain(
      "vreplication engine is closed",
    );
  });
});

describe("views and foreign keys", () => {
  it("are seen through information_schema and GetSchema", async () => {
    await start();
    run(
      primary,
      `create table parent (id int primary key);
       create table child (id int primary key, p int, constraint fk foreign key (p) references parent (id));
       create view v as select id from child;`,
    );
    const manager = cluster.manager(primary);
    const app = async (sql: string) => {
      const answer = await manager.ExecuteFetchAsApp({ query: Buffer.from(sql), max_rows: 10 });
      return decodeResult((answer as unknown as FetchAnswer).result).rows.map((row) => row.map(String));
    };
    const views =
      "select table_name from information_schema.tables where table_schema = 'vt_commerce' and table_type = 'VIEW'";
    expect(await app(views)).toEqual([["v"]]);
    expect(
      await app(
        "select table_name, referenced_table_name from information_schema.referential_constraints where constraint_schema = 'vt_commerce'",
      ),
    ).toEqual([["child", "parent"]]);
    const named = async (include_views: boolean) => {
      const answer = (await manager.GetSchema({
        include_views,
      })) as unknown as MessageOutput<"tabletmanagerdata.GetSchemaResponse">;
      return answer.schema_definition?.table_definitions ?? [];
    };
    expect((await named(false)).map(({ name }) => name)).toEqual(["child", "parent"]);
    const [, , view] = await named(true);
    expect(view).toMatchObject({ name: "v", type: "VIEW", columns: ["id"], row_count: "0" });
    expect(view?.schema).toContain("VIEW");
    expect((await named(false))[0]?.schema).toContain("CONSTRAINT `fk` FOREIGN KEY (`p`) REFERENCES `parent` (`id`)");
  });
});
