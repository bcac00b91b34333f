/** Keys that foreign keys need, times that rows are found by, and tables whose changes no tablet sends. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ProfileName } from "../../src/sandbox/tablet/profiles.js";
import { Lab, rows, sql } from "../support/lab.js";

let lab: Lab;
const create = (options: string) => lab.type(`Migrate ${options} -source ext1.commerce Create commerce.wf`);

function start(...profiles: ProfileName[]): void {
  beforeAll(async () => {
    const [sourceProfile = "v22", targetProfile = sourceProfile] = profiles;
    lab = await Lab.start({ typesHere: true, rows: 10, sourceProfile, targetProfile });
    sql(
      lab.primary("source"),
      "create table a_parent (id bigint not null, code int, primary key (id), unique key code (code))",
      "create table b_child (id bigint not null, parent bigint, n int, primary key (id), key parent (parent), key n (n), constraint b_child_1 foreign key (parent) references a_parent (id))",
      "create table c_child (id bigint not null, parent bigint, n int, primary key (id), key wide (parent, n), constraint c_child_1 foreign key (parent) references a_parent (id))",
      "insert into a_parent values (7, 70)",
      "insert into b_child values (1, 7, 1)",
      "insert into c_child values (1, 7, 1)",
      "create table visits (at datetime not null, page varchar(10) not null, seen int, primary key (at, page))",
      "create table orders (id int not null, placed datetime, primary key (id))",
      "insert into visits values ('2024-07-01 12:00:00', 'home', 1)",
      "insert into orders values (1, '2024-07-01 12:00:00')",
      "create table _orders_old (id int primary key)",
      "insert into _orders_old values (1)",
    );
  }, 120_000);
  afterEach(() => lab.clear());
  afterAll(() => lab?.close());
}

describe("-defer-secondary-keys of v22", () => {
  start("v22");

  it("is what happens by itself, foreign keys that keep their own keys included", async () => {
    const result = await create("-tables a_parent,b_child -auto_start=false");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).not.toContain("Secondary keys");
    expect(lab.streams()).toMatchObject([{ defer_secondary_keys: "1" }]);
  });

  it("is left alone, with a line about it, where it would take a foreign key's key", async () => {
    const result = await create("-tables a_parent,b_child,c_child -wait");
    expect(result).toMatchObject({ code: 0 });
    expect(result.stderr).toMatch(/^Secondary keys are built with the tables, .*: c_child_1 of c_child$/m);
    expect(lab.streams()).toMatchObject([{ defer_secondary_keys: "0" }]);
    expect(rows(lab.primary("target"), "c_child")).toEqual(rows(lab.primary("source"), "c_child"));
  });

  it("is refused when it is asked for, unless the foreign keys stay behind", async () => {
    const before = await lab.everything();
    const result = await create("-tables a_parent,b_child,c_child -defer-secondary-keys");
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toContain("would drop keys that foreign keys need: c_child_1 of c_child\n");
    expect(await lab.everything()).toEqual(before);
    const without = await create("-tables a_parent,b_child,c_child -defer-secondary-keys -drop_foreign_keys -wait");
    expect(without, without.stderr).toMatchObject({ code: 0 });
    expect(lab.streams()).toMatchObject([{ defer_secondary_keys: "1" }]);
  });
});

describe.each(["v16", "v18"] as const)("-defer-secondary-keys of %s", (profile) => {
  start(profile);

  it("is refused for any key that a foreign key needs", async () => {
    const result = await create("-tables a_parent,b_child,c_child -defer-secondary-keys");
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toContain("foreign keys need: b_child_1 of b_child, c_child_1 of c_child\n");
    expect(lab.streams()).toEqual([]);
    expect(await create("-tables a_parent,b_child,c_child -wait")).toMatchObject({ code: 0 });
    expect(lab.streams()).toMatchObject([{ defer_secondary_keys: "0" }]);
  });
});

describe("-source_time_zone of v22", () => {
  start("v22");

  it("is refused for DATETIME columns that rows are found by, and goes without them", async () => {
    const before = await lab.everything();
    const result = await create("-tables visits,orders,notes -source_time_zone Europe/Berlin");
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toMatch(/updates and deletes would miss them: notes\.written, visits\.at$/m);
    expect(result.stderr).toMatch(/^Hint: .*-exclude/m);
    expect(await lab.everything()).toEqual(before);
    const without = await create("-tables orders -source_time_zone Europe/Berlin -wait");
    expect(without, without.stderr).toMatchObject({ code: 0 });
    expect(sql(lab.primary("target"), "select * from orders")).toEqual([{ id: "1", placed: "2024-07-01 10:00:00" }]);
    sql(lab.primary("source"), "update orders set placed = '2024-01-01 12:00:00' where id = 1");
    const updated = [{ id: "1", placed: "2024-01-01 11:00:00" }];
    await expect.poll(() => sql(lab.primary("target"), "select * from orders")).toEqual(updated);
  });

  it("does it with -force, and updates miss their rows as was said", async () => {
    const result = await create("-tables visits -source_time_zone Europe/Berlin -force -wait");
    expect(result, result.stderr).toMatchObject({ code: 0 });
    expect(result.stderr).toMatch(/^Overruled by -force: rows are found by .*: visits\.at$/m);
    sql(
      lab.primary("source"),
      "update visits set seen = 2 where page = 'home'",
      "insert into visits values ('2024-07-02 12:00:00', 'last', 1)",
    );
    const seen = () => sql(lab.primary("target"), "select page, seen from visits order by page");
    await expect.poll(seen).toHaveLength(2);
    expect(seen()[0]).toEqual({ page: "home", seen: "1" });
    sql(lab.primary("source"), "delete from visits where page = 'last'", "update visits set seen = 1");
  });
});

describe("-source_time_zone of v14", () => {
  start("v22", "v14");

  it("is refused for any DATETIME, as updates would store it unconverted", async () => {
    const result = await create("-tables orders -source_time_zone Europe/Berlin");
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toContain("converts what is inserted, and not what is updated later: orders.placed\n");
    const others = await create("-tables customer,b_child,a_parent -source_time_zone Europe/Berlin -wait");
    expect(others, others.stderr).toMatchObject({ code: 0 });
  });
});

describe("a table that Vitess takes for a schema change's", () => {
  start("v22");

  it("stays behind with -all, and comes without later changes when it is named", async () => {
    const all = await create("-all -auto_start=false");
    expect(all.stderr).toMatch(/^Left out, tables of Vitess's own schema changes: _orders_old$/m);
    expect(lab.targetTables()).not.toContain("_orders_old");
    await lab.clear();
    const named = await create("-tables _orders_old,orders -wait");
    expect(named, named.stderr).toMatchObject({ code: 0 });
    expect(named.stderr).toMatch(/^Copied as they are, without later changes, .*: _orders_old$/m);
    sql(lab.primary("source"), "insert into _orders_old values (2)", "insert into orders values (2, null)");
    await expect.poll(() => sql(lab.primary("target"), "select id from orders")).toHaveLength(2);
    expect(sql(lab.primary("target"), "select id from _orders_old")).toEqual([{ id: "1" }]);
  });
});
