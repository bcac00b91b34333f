/** Create's choice of source tablets, and what Cancel leaves. */
import { expect, it } from "vitest";
import { commerceTables } from "../../src/sandbox/commerce.js";
import { describeVitess, withFreshTarget } from "./lab.js";
import { until } from "./until.js";

const tables = [...commerceTables].sort();

describeVitess("Create and Cancel", (lab) => {
  withFreshTarget(lab);

  /** Connections over which a tablet reads the binary log of its MySQL, besides those of replicas. */
  async function binlogReaders(uid: number): Promise<number> {
    const list = await lab.sql(lab.tablet("source", uid), "show processlist");
    return list.filter(({ Command }) => Command?.startsWith("Binlog Dump")).length;
  }

  it("-tablet_types REPLICA reads from the source's replica, and follows", async () => {
    await lab.must("Migrate -all -tablet_types REPLICA -source ext1.commerce Create commerce.wf");
    const [stream] = await lab.following("commerce");
    expect(stream).toMatchObject({ tablet_types: "replica", cell: "zx" });
    await until("a stream reads the replica's binary log", async () => (await binlogReaders(101)) === 1);
    const gate = await lab.gate("source", "commerce");
    await gate.query("insert into customer(email) values ('over the replica')");
    await gate.end();
    const target = lab.primary("target", "commerce");
    const arrived = "select * from customer where email = 'over the replica'";
    expect(await until("the new row arrives", async () => (await lab.sql(target, arrived))[0])).toBeDefined();
  });

  it("a type of which the source has no tablet is refused before anything is made", async () => {
    const create = await lab.type("Migrate -all -tablet_types RDONLY -source ext1.commerce Create commerce.wf");
    expect(create.code).not.toBe(0);
    expect(create.stderr).toMatch(/no rdonly tablet/);
    expect(await lab.streams("commerce")).toEqual([]);
    expect(await lab.tables(lab.primary("target", "commerce"))).toEqual([]);
  });

  it("Cancel drops what Create made, and nothing else", async () => {
    const target = lab.primary("target", "commerce");
    await lab.sql(target, "create table ours (id int primary key)", "insert into ours values (1)");
    await lab.must("Migrate -all -source ext1.commerce Create commerce.wf");
    await lab.following("commerce");
    expect(await lab.tables(target)).toEqual([...tables, "ours"].sort());
    const cancel = await lab.must("Migrate Cancel commerce.wf");
    expect(cancel.stdout).toContain("Cancel was successful for workflow commerce.wf");
    expect(await lab.tables(target)).toEqual(["ours"]);
    expect(await lab.streams("commerce")).toEqual([]);
  });

  it("Cancel -keep_data leaves the tables with their rows, and ends the streams", async () => {
    await lab.must("Migrate -all -source ext1.commerce Create shop.wf");
    await lab.following("shop");
    await lab.must("Migrate -keep_data Cancel shop.wf");
    expect(await lab.streams("shop")).toEqual([]);
    for (const shard of lab.primaries("target", "shop")) expect(await lab.tables(shard)).toEqual(tables);
    expect(await lab.rows("target", "shop", "customer")).toEqual(await lab.rows("source", "commerce", "customer"));
    const keys = (await lab.keys("target")).map(({ key }) => key);
    expect(keys.filter((key) => key.includes("/vtmigrate/") || key.includes("/locks/"))).toEqual([]);
  });
});
