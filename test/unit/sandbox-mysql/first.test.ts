import { expect, test } from "vitest";
import { start } from "./helpers.js";

test("create, insert, select, update, delete", async () => {
  const { rows, run, server, value } = await start();
  run("create table t (id bigint not null auto_increment primary key, a varchar(10), b bigint unsigned)");
  expect(run("insert into t(a,b) values ('x', 18446744073709551615), ('y', 1)")).toMatchObject({
    rowsAffected: 2,
    insertId: 1n,
  });
  expect(rows("select * from t where b > 5 order by b desc")).toEqual([["1", "x", "18446744073709551615"]]);
  expect(run("update t set a = concat(a, 'z') where id = 2").rowsAffected).toBe(1);
  expect(rows("select id, a from t order by id")).toEqual([
    ["1", "x"],
    ["2", "yz"],
  ]);
  run("delete from t where id = 1");
  expect(value("select count(*) from t")).toBe("1");
  expect(server.gtidExecuted()).toBe(`${server.serverUuid}:1-5`);
  expect(server.tables("db")[0]?.createTable).toBe(
    "CREATE TABLE `t` (\n  `id` bigint NOT NULL AUTO_INCREMENT,\n  `a` varchar(10) DEFAULT NULL,\n  `b` bigint unsigned DEFAULT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=3 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci",
  );
  const signal = new AbortController();
  const seen = [];
  for await (const tx of server.binlog.from("", signal.signal)) {
    seen.push(tx.events.length);
    if (seen.length === 5) signal.abort();
  }
  expect(seen).toEqual([1, 1, 2, 1, 1]);
});
