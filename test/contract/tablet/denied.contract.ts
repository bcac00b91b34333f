import { expect, test } from "vitest";
import { decode, encode } from "../../../src/wire/proto.js";
import type { Place } from "./place.js";
import { failureOf } from "./raw.js";

/** Tables that a shard's record denies to the application. */
export function deniedContract(place: () => Place): void {
  const setDenied = async (tables: string[]) => {
    const { global } = await place().topo("target");
    const file = await global.get("keyspaces/commerce/shards/0/Shard");
    const controls = tables.length === 0 ? [] : [{ tablet_type: "PRIMARY" as const, denied_tables: tables }];
    const shard = { ...decode("topodata.Shard", file.contents), tablet_controls: controls };
    await global.update(file.path, encode("topodata.Shard", shard), file.version);
  };

  test("are refused once the tablet has read the record again, to the application alone, until they are off it", async () => {
    const name = place().name("denied");
    await place().create("target", `create table ${name} (id int primary key); insert into ${name} values (1)`);
    const raw = place().raw("target");
    const query = `select id from ${name}`;
    try {
      await setDenied([name]);
      expect((await raw.execute(query)).result?.rows).toHaveLength(1);
      await place().target.refreshState();
      for (const sql of [query, `update ${name} set id = 2 where id = 1`]) {
        expect(await failureOf(raw.execute(sql))).toMatchObject({
          code: 9,
          details: "disallowed due to rule: enforce denied tables",
        });
      }
      expect((await place().target.executeFetchAsApp(`select id from vt_commerce.${name}`)).rows).toHaveLength(1);
      expect((await place().target.getSchema([name])).table_definitions).toHaveLength(1);
    } finally {
      await setDenied([]);
      await place().target.refreshState();
    }
    expect((await raw.execute(query)).result?.rows).toHaveLength(1);
  });
}
