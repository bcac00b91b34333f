import { expect, test } from "vitest";
import { FailedError } from "../../../src/errors.js";
import { records } from "../../../src/wire/result.js";
import type { Place } from "./place.js";

/** ExecuteFetchAsDba and ExecuteFetchAsApp. */
export function fetchContract(place: () => Place): void {
  const filled = async () => {
    const name = place().name("fetched");
    await place().create(
      "source",
      `create table ${name} (id int not null auto_increment, body varchar(20), primary key (id))`,
    );
    await place().sql("source", `insert into ${name}(body) values ('Ärger'), (null), ('')`);
    return name;
  };

  test("the administrator is in the tablet's database, the application in none", async () => {
    const name = await filled();
    const { source } = place();
    const expected = [
      { id: "1", body: "Ärger" },
      { id: "2", body: null },
      { id: "3", body: "" },
    ];
    const query = `select id, body from ${name} order by id`;
    expect(records(await source.executeFetchAsDba(query))).toEqual(expected);
    const qualified = query.replace(name, `vt_commerce.${name}`);
    expect(records(await source.executeFetchAsApp(qualified))).toEqual(expected);
    const unqualified = source.executeFetchAsApp(query);
    await expect(unqualified).rejects.toThrow(FailedError);
    await expect(unqualified).rejects.toThrow(
      `tablet ${source.record.alias}: No database selected (errno 1046) (sqlstate 3D000) during query: ${query}`,
    );
  });

  test("more rows than were asked for are an error, as many aren't", async () => {
    const name = await filled();
    const { source } = place();
    const query = `select * from vt_commerce.${name}`;
    expect((await source.executeFetchAsApp(query, { maxRows: 3 })).rows).toHaveLength(3);
    const sentence = place().since(
      [11, `Row count exceeded 2 (errno 10001) (sqlstate HY000) during query: ${query}`],
      [16, "Row count exceeded 2"],
    );
    for (const fetch of ["executeFetchAsApp", "executeFetchAsDba"] as const) {
      const fetched = source[fetch](query, { maxRows: 2 });
      await expect(fetched).rejects.toThrow(FailedError);
      await expect(fetched).rejects.toThrow(`tablet ${source.record.alias}: ${sentence}`);
    }
  });

  test("a write answers how many rows it changed, and the number that was given", async () => {
    const name = await filled();
    const { source } = place();
    const inserted = await source.executeFetchAsDba(`insert into ${name}(body) values ('x'), ('y')`);
    expect(inserted).toEqual({ fields: [], rows: [], rowsAffected: 2, insertId: 4n });
    const updated = await source.executeFetchAsDba(`update ${name} set body = 'z' where id > 2`);
    expect(updated.rowsAffected).toBe(3);
    // Rows that stay as they are don't count.
    expect((await source.executeFetchAsDba(`update ${name} set body = 'z' where id > 1`)).rowsAffected).toBe(1);
    expect((await source.executeFetchAsDba(`delete from ${name} where id = 99`)).rowsAffected).toBe(0);
    expect((await source.executeFetchAsDba(`select * from ${name}`)).rowsAffected).toBe(0);
  });

  test("MySQL's errors come with their numbers and the query", async () => {
    const { source } = place();
    const name = place().name("absent");
    const query = `select * from vt_commerce.${name}`;
    const sentence = `Table 'vt_commerce.${name}' doesn't exist (errno 1146) (sqlstate 42S02) during query: ${query}`;
    await expect(source.executeFetchAsApp(query)).rejects.toThrow(`tablet ${source.record.alias}: ${sentence}`);
    await expect(source.executeFetchAsDba(query)).rejects.toThrow(`tablet ${source.record.alias}: ${sentence}`);
    await expect(source.executeFetchAsApp("")).rejects.toThrow("Query was empty (errno 1065) (sqlstate 42000)");
    const wrong = source.executeFetchAsApp("selekt 1");
    await expect(wrong).rejects.toThrow(FailedError);
    await expect(wrong).rejects.toThrow(
      /You have an error in your SQL syntax; .* near 'selekt 1' at line 1 \(errno 1064\) \(sqlstate 42000\) during query: selekt 1$/,
    );
  });

  test("a replica has what its primary wrote", async () => {
    const name = await filled();
    const { source, replica } = place();
    await replica.waitForPosition(await source.primaryPosition(), { timeoutMs: 20_000 });
    expect((await replica.executeFetchAsApp(`select * from vt_commerce.${name}`)).rows).toHaveLength(3);
  });

  test("columns are described in full", async () => {
    const name = await filled();
    const { fields } = await place().source.executeFetchAsApp(
      `select id, body as said, 1 + 1 as two from vt_commerce.${name}`,
    );
    expect(fields).toMatchObject([
      { name: "id", type: "INT32", table: name, org_table: name, database: "vt_commerce", org_name: "id", charset: 63 },
      { name: "said", type: "VARCHAR", table: name, org_table: name, database: "vt_commerce", org_name: "body" },
      { name: "two", table: "", org_table: "", database: "", org_name: "", charset: 63 },
    ]);
  });
}
