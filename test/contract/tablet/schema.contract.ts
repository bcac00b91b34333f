import { expect, test } from "vitest";
import { FailedError } from "../../../src/errors.js";
import type { Place } from "./place.js";

/** GetSchema and ApplySchema. */
export function schemaContract(place: () => Place): void {
  const define = async (...names: string[]) => {
    const ddl = names.map(
      (name) => `create table ${name} (id bigint not null auto_increment, email varbinary(128), primary key (id))`,
    );
    await place().create("source", ddl.join(";\n"));
  };
  const namesOf = async (tables: string[]) => {
    const { table_definitions: found } = await place().source.getSchema(tables);
    return found.map(({ name }) => name);
  };

  test("a table is described by its text, its columns, its key and its size", async () => {
    const name = place().name("customer");
    await define(name);
    await place().sql("source", `insert into ${name}(email) values ('a'), ('b'), (null); analyze table ${name}`);
    const { table_definitions: found, database_schema: database } = await place().source.getSchema([name]);
    expect(database).toMatch(/^CREATE DATABASE .*\{\{\.DatabaseName\}\}.*CHARACTER SET utf8mb4/);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      name,
      columns: ["id", "email"],
      primary_key_columns: ["id"],
      type: "BASE TABLE",
      row_count: "3",
    });
    expect(Number(found[0]?.data_length)).toBeGreaterThan(0);
    const fields = found[0]?.fields.map((field) => [
      field.name,
      field.type,
      field.charset,
      field.table,
      field.database,
    ]);
    expect(fields).toEqual([
      ["id", "INT64", 63, name, "vt_commerce"],
      ["email", "VARBINARY", 63, name, "vt_commerce"],
    ]);
    expect(found[0]?.schema).toMatch(new RegExp(`^CREATE TABLE \`${name}\` \\(\n  \`id\` bigint`));
    // The next number is left out, the column's attribute isn't.
    expect(found[0]?.schema).toContain("NOT NULL AUTO_INCREMENT,\n");
    expect(found[0]?.schema).not.toContain("AUTO_INCREMENT=");
  });

  test("tables are asked for by name in any case, or by regular expression, and come sorted", async () => {
    const [a, b] = [place().name("apple"), place().name("pear")].sort();
    await define(b ?? "", a ?? "");
    expect(await namesOf([b ?? "", (a ?? "").toUpperCase()])).toEqual([a, b]);
    expect(await namesOf([`/^${a}$/`])).toEqual([a]);
    expect(await namesOf([place().name("absent")])).toEqual([]);
    expect(await namesOf([])).toEqual(expect.arrayContaining([a, b]));
  });

  test("views are left out", async () => {
    const [table, view] = [place().name("viewed"), place().name("view")];
    await define(table);
    await place().create("source", `create view ${view} as select id from ${table}`);
    expect(await namesOf([table, view])).toEqual([table]);
  });

  test("a regular expression that can't be read is refused", async () => {
    // Without any table nobody looks at it.
    await define(place().name("some"));
    const failure = place().source.getSchema(["/(/"]);
    await expect(failure).rejects.toThrow(FailedError);
    await expect(failure).rejects.toThrow(`tablet ${place().source.record.alias}: cannot compile regexp ( for table:`);
  });

  test("a script that fails keeps what came before", async () => {
    const names = ["one", "two", "three"].map((what) => place().name(what));
    const [one, two, three] = names;
    const created = (name?: string) => `create table ${name} (id int primary key)`;
    const failure = place().source.applySchema([one, two, one, three].map(created).join(";\n"));
    await expect(failure).rejects.toThrow(FailedError);
    await expect(failure).rejects.toThrow(
      place().since<string | RegExp>(
        [11, new RegExp(`ERROR 1050 \\(42S01\\) at line \\d: Table '${one}' already exists`)],
        [18, `tablet ${place().source.record.alias}: Table '${one}' already exists (errno 1050) (sqlstate 42S01)`],
      ),
    );
    expect(await namesOf(names)).toEqual([one, two].sort());
  });

  test("a foreign key's table may come before the table that it refers to from v20 on", async () => {
    const [child, parent] = [place().name("child"), place().name("parent")];
    const script =
      `create table ${child} (id int primary key, parent int, foreign key (parent) references ${parent} (id));` +
      `create table ${parent} (id int primary key)`;
    const applied = place().source.applySchema(script);
    const heard = place().since([11, false], [22, true]);
    if (heard) await applied;
    else await expect(applied).rejects.toThrow(place().isMariaDb ? /errno[: ]+150|1005/ : /1824/);
    expect(await namesOf([child, parent])).toEqual(heard ? [child, parent].sort() : []);
  });

  test("zeros may be written into AUTO_INCREMENT columns from v14 on", async () => {
    const name = place().name("zeros");
    await define(name);
    await place().source.applySchema(`insert into ${name} values (0, 'zero')`);
    const [row] = await place().sql("source", `select id from ${name}`);
    expect(row?.id).toBe(place().since([11, "1"], [14, "0"]));
  });

  test("names are UTF-8 once the script says so", async () => {
    const name = place().name("tä");
    await place().create("source", `create table \`${name}\` (\`größe\` int primary key)`);
    const { table_definitions: found } = await place().source.getSchema([name]);
    expect(found.map((table) => [table.name, table.columns])).toEqual([[name, ["größe"]]]);
  });
}
