import type { VitessLab } from "../lab.js";

export const ROWS = 1_000_000;

/** A table `big` of a million rows of about 150 bytes in the source's keyspace commerce. */
export async function seedMillion(lab: VitessLab): Promise<void> {
  await lab.ddl("source", "commerce", [
    `create table big (id bigint primary key, customer_id bigint, sku varbinary(32), price decimal(12,2),
      made datetime, note varchar(200))`,
  ]);
  const digits =
    "(select 0 as d union all select 1 union all select 2 union all select 3 union all select 4 " +
    "union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)";
  const places = ["a", "b", "c", "d", "e", "f"];
  const id = `1 + ${places.map((place, power) => `${place}.d * ${10 ** power}`).join(" + ")}`;
  await lab.sql(
    lab.primary("source", "commerce"),
    `insert into big select id, id % 5000, concat('SKU-', id % 977), id % 1000 / 4, '2024-02-01 10:20:30',
       concat(sha2(id, 224), ' ', repeat('x', 30))
     from (select ${id} as id from ${places.map((place) => `${digits} ${place}`).join(", ")}) numbers order by id`,
  );
}
