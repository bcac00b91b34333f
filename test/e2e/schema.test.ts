/** Tables on their way to the target: names of all kinds, foreign keys, views, and tables that are there already. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sourceShape, targetShape } from "../../src/sandbox/cluster/shape.js";
import { quoteIdentifier } from "../../src/wire/sql.js";
import { Lab, rows, sql } from "../support/lab.js";

/** Of each something on the way has its own ideas: SQL, printf, Go templates, globs, prototext, VSchema keys, shells. */
const odd = [
  "select",
  "Größe",
  "注文",
  "表".repeat(42),
  'we"ird',
  "`tick`",
  "vt_commerce.t",
  "100%",
  "%s %d%v",
  "a,b",
  "semi;colon",
  "back\\slash",
  "usr/bin/",
  "-- no comment",
  "{{.Name}}",
  "*",
];

const oddSource = "zx-0000000011";
let lab: Lab;

beforeAll(async () => {
  const shard = (uid: number) => ({ name: "0", tablets: [{ cell: "zx", uid, type: "PRIMARY" as const }] });
  const extra = ["odd", "family"].map((name, i) => ({ name, vschema: {}, shards: [shard(11 + i)] }));
  lab = await Lab.start({
    typesHere: true,
    rows: 10,
    source: { ...sourceShape, keyspaces: [...sourceShape.keyspaces, ...extra] },
    target: targetShape,
  });
  for (const name of odd) {
    sql(
      lab.tablet("source", oddSource),
      `create table ${quoteIdentifier(name)} (id bigint not null, ${quoteIdentifier(`c ${name}`.slice(0, 64))} varchar(20), primary key (id))`,
      `insert into ${quoteIdentifier(name)} values (1, 'one'), (2, 'two')`,
    );
  }
  sql(
    family(),
    "create table parent (id bigint not null, primary key (id))",
    "create table child (id bigint not null, parent bigint, primary key (id), key parent (parent), constraint child_1 foreign key (parent) references parent (id) on delete cascade)",
    "create table heap (n int, s varchar(10) comment 'FOREIGN KEY (`s`), all of it')",
    "create view grown as select id from parent where id > 1",
    "insert into parent values (1), (2)",
    "insert into child values (1, 2), (2, null)",
    "insert into heap values (1, 'x'), (1, 'x'), (null, null)",
  );
}, 120_000);

afterAll(() => lab?.close());

afterEach(() => lab.clear());

function family() {
  return lab.tablet("source", "zx-0000000012");
}

function createTable(table: string): string | undefined {
  const { mysql, dbName } = lab.primary("target");
  return mysql.table(dbName, table)?.createTable;
}

function migrate(...words: string[]) {
  return lab.type(["Migrate", ...words, "Create", "commerce.wf"]);
}

describe("names", () => {
  it("of all kinds are copied, compared and announced", { timeout: 120_000 }, async () => {
    expect(await migrate("-all", "-source", "ext1.odd", "-wait")).toMatchObject({ code: 0 });
    expect(lab.targetTables().sort()).toEqual([...odd].sort());
    for (const table of odd) {
      expect(rows(lab.primary("target"), table), table).toEqual(rows(lab.tablet("source", oddSource), table));
    }
    const diff = await lab.type("VDiff commerce.wf");
    expect(diff).toMatchObject({ code: 0 });
    for (const table of odd) expect(diff.stdout).toContain(`Summary for table ${table}:`);
    expect(diff.stdout.match(/^\tMatchingRows: 2$/gm)).toHaveLength(odd.length);
    expect(await lab.type("Migrate Complete commerce.wf")).toMatchObject({ code: 0 });
    const announced = JSON.parse((await lab.type("GetVSchema commerce")).stdout).tables;
    expect(Object.keys(announced).sort()).toEqual([...odd].sort());
    for (const table of ["select", "注文", 'we"ird']) {
      expect(await lab.queryTarget({ keyspace: "commerce", table })).toHaveLength(2);
    }
  });

  it("of all kinds can be taken back", { timeout: 120_000 }, async () => {
    const before = await lab.everything();
    expect(await migrate("-all", "-source", "ext1.odd", "-wait")).toMatchObject({ code: 0 });
    expect(await lab.type("Migrate Cancel commerce.wf")).toMatchObject({ code: 0 });
    const { tablets } = await lab.everything();
    expect(tablets).toEqual(before.tablets);
  });

  it.each([
    ["/etc.*/", "Vitess takes a table name that starts with a slash for a regular expression: /etc.*/"],
    ["表".repeat(43), `Vitess can't keep track of a table whose name is longer than 128 bytes: ${"表".repeat(43)}`],
  ])("that Vitess can't copy are refused, unless they are left out: %s", async (name, message) => {
    const table = quoteIdentifier(name);
    sql(lab.tablet("source", oddSource), `create table ${table} (id bigint not null, primary key (id))`);
    try {
      const before = await lab.everything();
      const refused = await migrate("-all", "-source", "ext1.odd");
      expect(refused).toMatchObject({ code: 9, stdout: "" });
      expect(refused.stderr).toContain(
        `Migrate Error: ${message}\nHint: Rename them on the source, or leave them out with -exclude.\n`,
      );
      expect(await lab.everything()).toEqual(before);
      const without = await migrate("-all", "-exclude", name, "-source", "ext1.odd", "-dry_run");
      expect(without.code, without.stderr).toBe(0);
    } finally {
      sql(lab.tablet("source", oddSource), `drop table ${table}`);
    }
  });
});

describe("foreign keys", () => {
  it("come with their tables, parents first", async () => {
    const result = await migrate("-tables", "child,parent", "-source", "ext1.family", "-wait");
    expect(result).toMatchObject({ code: 0 });
    expect(createTable("child")).toBe(family().mysql.table(family().dbName, "child")?.createTable);
    expect(rows(lab.primary("target"), "child")).toEqual(rows(family(), "child"));
  });

  it("stay behind with -drop_foreign_keys, and their keys come", async () => {
    const words = ["-all", "-drop_foreign_keys", "-source", "ext1.family", "-wait"];
    expect(await migrate(...words)).toMatchObject({ code: 0 });
    expect(createTable("child")).toMatch(/ {2}KEY `parent` \(`parent`\)\n\) ENGINE/);
    expect(createTable("heap")).toBe(family().mysql.table(family().dbName, "heap")?.createTable);
    expect(rows(lab.primary("target"), "child")).toEqual(rows(family(), "child"));
  });

  it("to a table that doesn't come along are told of, before they refuse a write", async () => {
    const warning = "Foreign key child_1 of child refers to parent, which is neither copied nor in target commerce/0: ";
    const result = await migrate("-tables", "child", "-source", "ext1.family", "-dry_run");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toContain(warning);
    const without = await migrate("-tables", "child", "-drop_foreign_keys", "-source", "ext1.family", "-dry_run");
    expect(without).toMatchObject({ code: 0 });
    expect(without.stderr).not.toContain("child_1");
  });
});

describe("what is beside tables with a key", () => {
  it("a view is left out, and said to be", async () => {
    const result = await migrate("-all", "-source", "ext1.family", "-auto_start=false");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toContain("Views are left out: grown\n");
    expect(lab.targetTables().sort()).toEqual(["child", "heap", "parent"]);
  });

  it("a view by name is refused", async () => {
    const result = await migrate("-tables", "parent,grown", "-source", "ext1.family");
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toMatch(/^Migrate Error: views aren't copied: grown\nHint: /m);
    expect(lab.targetTables()).toEqual([]);
  });

  it("a table without a key is copied, with a word on what that costs", async () => {
    const result = await migrate("-tables", "heap", "-source", "ext1.family", "-wait");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toContain("No primary key and no unique key of NOT NULL columns: heap.");
    expect(rows(lab.primary("target"), "heap")).toEqual(rows(family(), "heap"));
  });
});

describe("tables that are there already", () => {
  it("take the copy when they are empty and the same but for keys, which is said", async () => {
    sql(
      lab.primary("target"),
      "create table child (parent bigint, id bigint not null, primary key (id), key other (parent, id))",
    );
    const result = await migrate("-tables", "child,parent", "-source", "ext1.family", "-wait");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toContain("In target commerce/0, child has its columns in another order\n");
    expect(result.stderr).toContain("In target commerce/0, child lacks KEY `parent` (`parent`)\n");
    expect(result.stderr).toContain("child has KEY `other` (`parent`,`id`), which the source has not\n");
    expect(sql(lab.primary("target"), "select id, parent from child order by id")).toEqual([
      { id: "1", parent: "2" },
      { id: "2", parent: null },
    ]);
  });

  it("are refused together, with what is wrong with each", async () => {
    sql(
      lab.primary("target"),
      "create table child (id bigint not null, parent int unsigned not null, primary key (id))",
      "create table heap (n int, s varchar(10))",
      "create table parent (id bigint, more text)",
      "insert into heap values (1, 'y')",
    );
    const before = await lab.everything();
    const result = await migrate("-all", "-source", "ext1.family");
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toContain(
      "Migrate Error: tables that are not empty exist in target commerce/0: heap; " +
        "tables of another structure exist in target commerce/0: " +
        "parent (has column more, which the source has not; column id is bigint, on the source bigint not null; " +
        "has no primary key, the source primary key (id)), " +
        "child (column parent is int unsigned not null, on the source bigint)\n",
    );
    expect(result.stderr).toMatch(/^Hint: .*Drop or rename these tables, or leave them out with -exclude\.$/m);
    expect(await lab.everything()).toEqual(before);
  });
});
