/** Each of Migrate's options, typed as a process against two clusters. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { sourceShape, targetShape } from "../../src/sandbox/cluster/shape.js";
import { openSandboxTopo } from "../../src/sandbox/topo.js";
import { encode } from "../../src/wire/proto.js";
import { afterStatement, firstPosition, Lab, rows, sql } from "../support/lab.js";
import { normalise, recorded } from "../support/recording.js";

const recording = "vtctlclient-v22.0.3.txt";
const commerce = ["corder", "customer", "kinds", "notes", "product"];

/** Names that must be quoted somewhere on their way: SQL, prototext, SQL literals, VSchema keys. */
const odd = ["order", "two words", "it's", 'dou"ble', "back`tick", "per%cent", "Größe", "注文", "back\\slash", "1st"];

let lab: Lab;

beforeAll(async () => {
  const shard = (uid: number) => ({ name: "0", tablets: [{ cell: "zx", uid, type: "PRIMARY" as const }] });
  lab = await Lab.start({
    typesHere: true,
    rows: 300,
    source: {
      cells: [...sourceShape.cells, { name: "zy" }],
      keyspaces: [...sourceShape.keyspaces, { name: "odd", vschema: {}, shards: [shard(11)] }],
    },
    target: targetShape,
  });
  const { source } = lab.sandbox;
  const primary = lab.tablet("source", "zx-0000000011");
  for (const name of odd) {
    const quoted = `\`${name.replaceAll("`", "``")}\``;
    sql(
      primary,
      `create table ${quoted} (id bigint not null, name varchar(20), primary key (id))`,
      `insert into ${quoted} values (1, 'one'), (2, 'two')`,
    );
  }
  sql(
    primary,
    "create table z_parent (id bigint not null, primary key (id))",
    "create table a_child (id bigint not null, parent bigint, primary key (id), key parent (parent), constraint a_child_1 foreign key (parent) references z_parent (id))",
    "insert into z_parent values (7)",
    "insert into a_child values (1, 7), (2, null)",
  );
  expect(source.tablets.length).toBe(3);
}, 120_000);

afterAll(() => lab?.close());

afterEach(() => lab.clear());

async function create(options: string, workflow = "wf") {
  return lab.type(`Migrate ${options} Create commerce.${workflow}`);
}

function expectEqualRows(tables: string[], sourceAlias = "zx-0000000001"): void {
  for (const table of tables) {
    const there = rows(lab.tablet("source", sourceAlias), table);
    expect(there.length).toBeGreaterThan(0);
    expect(rows(lab.primary("target"), table), table).toEqual(there);
  }
}

describe("which tables", () => {
  it("-tables a,b copies these two, and announces none", async () => {
    const vschema = (await lab.topo.vschema("commerce")).contents;
    const result = await create("-tables customer,corder -source ext1.commerce -wait");
    expect(result).toMatchObject({ code: 0 });
    expect(lab.targetTables()).toEqual(["corder", "customer"]);
    expectEqualRows(["corder", "customer"]);
    expect(lab.streams()).toMatchObject([
      {
        state: "Running",
        source:
          'keyspace:"commerce" shard:"0" filter:{rules:{match:"corder" filter:"select * from corder"} rules:{match:"customer" filter:"select * from customer"}} external_cluster:"ext1"',
      },
    ]);
    expect((await lab.topo.vschema("commerce")).contents).toEqual(vschema);
  });

  it.each([
    ["-all -exclude notes,kinds -source ext1.commerce", ["corder", "customer", "product"]],
    ["-tables customer,corder,notes -exclude notes -source ext1.commerce", ["corder", "customer"]],
  ])("%s", async (options, tables) => {
    expect(await create(`${options} -auto_start=false`)).toMatchObject({ code: 0 });
    expect(lab.targetTables()).toEqual(tables);
    expect(await lab.record("wf")).toMatchObject({ tables, createdTables: { "0": tables } });
  });

  it("-exclude that leaves nothing", async () => {
    const result = await create("-tables notes -exclude notes -source ext1.commerce");
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toContain("Migrate Error: no tables to move\n");
  });

  it("names that need quotes, spaces, other scripts, reserved words: all of keyspace odd", async () => {
    const result = await create("-all -source ext1.odd -wait");
    expect(result).toMatchObject({ code: 0 });
    const tables = [...odd, "a_child", "z_parent"];
    expect(lab.targetTables().sort()).toEqual([...tables].sort());
    expectEqualRows(tables, "zx-0000000011");
    const show = JSON.parse((await lab.type("Workflow commerce.wf show")).stdout);
    const [stream] = show.ShardStatuses["0/zone1-0000000100"].PrimaryReplicationStatuses;
    expect(stream.Bls.filter.rules.map((rule: { match: string }) => rule.match).sort()).toEqual([...tables].sort());
    const complete = await lab.type("Migrate Complete commerce.wf");
    expect(complete).toMatchObject({ code: 0 });
    const announced = JSON.parse((await lab.type("GetVSchema commerce")).stdout).tables;
    expect(Object.keys(announced).sort()).toEqual([...tables].sort());
  });

  it("-tables takes such names too", async () => {
    const typed = odd.join(",");
    const words = ["Migrate", "-tables", typed, "-source", "ext1.odd", "-wait", "Create", "commerce.wf"];
    expect(await lab.type(words)).toMatchObject({ code: 0 });
    expectEqualRows(odd, "zx-0000000011");
    expect(await lab.type("Migrate Cancel commerce.wf")).toMatchObject({ code: 0 });
    expect(lab.targetTables()).toEqual([]);
  });

  it("a table whose foreign key's parent comes later", async () => {
    expect(await create("-tables a_child,z_parent -source ext1.odd -wait")).toMatchObject({ code: 0 });
    expectEqualRows(["a_child", "z_parent"], "zx-0000000011");
    expect(lab.primary("target").mysql.table("vt_commerce", "a_child")?.createTable).toContain("FOREIGN KEY");
    expect(await lab.type("Migrate Cancel commerce.wf")).toMatchObject({ code: 0 });
    expect(lab.targetTables()).toEqual([]);
  });

  it("a target table that is not empty, or of another structure: refused, nothing changed", async () => {
    const primary = lab.primary("target");
    sql(
      primary,
      "create table customer(customer_id bigint not null auto_increment, email varbinary(128), primary key(customer_id))",
      "insert into customer values (1, 'x')",
    );
    const before = await lab.everything();
    const filled = await create("-all -source ext1.commerce");
    expect(filled).toMatchObject({ code: 9, stdout: "" });
    expect(filled.stderr).toContain("tables that are not empty exist in target commerce/0: customer");
    sql(primary, "delete from customer", "alter table customer add column more int");
    const other = await create("-all -source ext1.commerce");
    expect(other).toMatchObject({ code: 9, stdout: "" });
    expect(other.stderr).toContain("tables of another structure exist in target commerce/0: customer");
    sql(primary, "alter table customer drop column more", "insert into customer values (1, 'x')");
    expect(await lab.everything()).toEqual(before);
  });
});

describe("-cells", () => {
  it("absent: all cells of the source, whose names the target needn't have", async () => {
    expect(await create("-tables product -source ext1.commerce -wait")).toMatchObject({ code: 0 });
    expect(lab.streams()).toMatchObject([{ cell: "zx,zy", state: "Running" }]);
    expectEqualRows(["product"]);
  });

  it("a cell or an alias of the source", async () => {
    expect(await create("-tables product -cells zx -source ext1.commerce -wait")).toMatchObject({ code: 0 });
    expect(lab.streams()).toMatchObject([{ cell: "zx", state: "Running" }]);
    await lab.type("Migrate Cancel commerce.wf");
    const source = await lab.topo.openMount("ext1");
    await source.global.create(
      "cells_aliases/all_of_them/CellsAlias",
      encode("topodata.CellsAlias", { cells: ["zx"] }),
    );
    expect(await create("-tables product -cells all_of_them -source ext1.commerce -wait")).toMatchObject({ code: 0 });
    expect(lab.streams()).toMatchObject([{ cell: "all_of_them", state: "Running" }]);
    await source.global.delete("cells_aliases/all_of_them/CellsAlias");
    source.close();
  });

  it("a cell that the source hasn't: says which there are", async () => {
    const before = await lab.everything();
    const result = await create("-all -cells zx,zone1 -source ext1.commerce");
    expect(result).toMatchObject({ code: 6, stdout: "" });
    expect(result.stderr).toContain("Migrate Error: no cell zone1 in the source cluster\n");
    expect(result.stderr).toMatch(/^Hint: .* has zx, zy\.$/m);
    expect(await lab.everything()).toEqual(before);
  });

  it("a cell without a tablet: refused, unless -force", async () => {
    const result = await create("-all -cells zy -source ext1.commerce");
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toContain("no replica,primary tablet in cells zy to copy from: commerce/0 has no tablet");
    const forced = await create("-tables product -cells zy -force -auto_start=false -source ext1.commerce");
    expect(forced).toMatchObject({ code: 0 });
    expect(lab.streams()).toMatchObject([{ cell: "zy", state: "Stopped" }]);
  });
});

describe("-tablet_types", () => {
  it.each([
    ["replica", "replica"],
    ["in_order:REPLICA,PRIMARY", "in_order:replica,primary"],
    ["In_Order:Primary,REPLICA", "in_order:primary,replica"],
    ["MASTER", "primary"],
    ["PRIMARY", "primary"],
    ["pRiMaRy,Replica,rdonly", "primary,replica,rdonly"],
  ])("%s is stored as %s", async (typed, stored) => {
    const result = await create(`-tables product -tablet_types ${typed} -auto_start=false -source ext1.commerce`);
    expect(result).toMatchObject({ code: 0 });
    expect(lab.streams()).toMatchObject([{ tablet_types: stored }]);
  });

  it.each([
    ["in_order:REPLICA,PRIMARY", 0],
    ["MASTER", 1],
  ])("%s reads from such a tablet", async (typed, rowsOfPrimary) => {
    const replica = lab.tablet("source", "zx-0000000002");
    replica.setReplicationLag(60_000);
    sql(lab.primary("source"), "insert into product values ('SKU-new', 'not on the replica yet', 1)");
    const result = await create(`-tables product -tablet_types ${typed} -source ext1.commerce -wait`);
    expect(result).toMatchObject({ code: 0 });
    expect(sql(lab.primary("target"), "select * from product where sku = 'SKU-new'").length).toBe(rowsOfPrimary);
    expect(sql(lab.primary("target"), "select * from product").length).toBe(100 + rowsOfPrimary);
    sql(lab.primary("source"), "delete from product where sku = 'SKU-new'");
    replica.setReplicationLag(0);
  });

  it("nonsense: names the types that there are", async () => {
    const result = await create("-all -tablet_types REPLICA,SLAVE -source ext1.commerce");
    expect(result).toMatchObject({ code: 2, stdout: "" });
    expect(result.stderr).toContain("Migrate Error: unknown TabletType SLAVE\nHint: Tablet types are primary, replica");
  });

  it("a type that the source shard has no tablet of", async () => {
    const result = await create("-all -tablet_types RDONLY -source ext1.commerce");
    expect(result).toMatchObject({ code: 9, stdout: "" });
    expect(result.stderr).toContain(
      "no rdonly tablet in cells zx,zy to copy from: commerce/0 has zx-0000000001 (primary)",
    );
    expect(result.stderr).toContain("zx-0000000001 (primary), zx-0000000002 (replica)");
  });
});

describe("starting, stopping, waiting", () => {
  /** The source's replica hangs when the first table is being copied. */
  async function pauseInTheCopy(): Promise<void> {
    const replica = lab.tablet("source", "zx-0000000002");
    await afterStatement(lab.primary("target"), firstPosition, () => replica.pause());
    vi.restoreAllMocks();
  }

  it("-auto_start=false prints the recorded text; Workflow start begins the copy", async () => {
    const result = await create(
      "-auto_start=false -cells zx -tablet_types REPLICA -exclude notes -all -source ext1.commerce",
    );
    const typed =
      "Migrate --auto_start=false --cells zx --tablet_types REPLICA --exclude notes --all --source ext1.commerce Create commerce.wf";
    expect(result).toMatchObject({ code: 0, stdout: recorded(recording, typed).stdout });
    expect(lab.streams()).toMatchObject([{ state: "Stopped", pos: "" }]);
    expect(rows(lab.primary("target"), "customer")).toEqual([]);
    const table = recorded(recording, "Workflow commerce.wf start").stdout.replace(
      "zone1-0000000001",
      "zone1-0000000100",
    );
    expect(await lab.type("Workflow commerce.wf start")).toMatchObject({ code: 0, stdout: table });
    await expect.poll(() => rows(lab.primary("target"), "product")).toEqual(rows(lab.primary("source"), "product"));
  });

  it("-stop_after_copy: nothing that is written later arrives, and Complete says so", async () => {
    const result = await create("-stop_after_copy -tables product,customer -source ext1.commerce -wait");
    expect(result).toMatchObject({ code: 0 });
    expectEqualRows(["customer", "product"]);
    expect(lab.streams()).toMatchObject([{ state: "Stopped", message: "Stopped after copy." }]);
    sql(lab.primary("source"), "insert into product values ('SKU-late', 'late', 1)");
    const complete = await lab.type("Migrate Complete commerce.wf");
    expect(complete).toMatchObject({ code: 0 });
    expect(complete.stderr).toContain(
      "Streams that stopped after their copy lack what was written to the source since.",
    );
    expect(sql(lab.primary("target"), "select * from product where sku = 'SKU-late'")).toEqual([]);
    sql(lab.primary("source"), "delete from product where sku = 'SKU-late'");
  });

  it("-timeout: a stream that doesn't start in time stays, and says why it waits", async () => {
    const replica = lab.tablet("source", "zx-0000000002");
    try {
      const running = create(
        "-tables product -tablet_types REPLICA -timeout 2s -skip_checks probe_stream -source ext1.commerce",
      );
      await afterStatement(lab.primary("target"), /^insert into _vt\.vreplication/i, () => replica.pause());
      vi.restoreAllMocks();
      const startedAt = Date.now();
      const result = await running;
      expect(Date.now() - startedAt).toBeLessThan(8_000);
      expect(result).toMatchObject({ code: 8, stdout: "" });
      expect(result.stderr).toContain(
        "Migrate Error: timed out waiting for workflow to start: 0 of 1 stream(s) started",
      );
      expect(result.stderr).toContain('See "vtmigrate Workflow commerce.wf show"');
      expect(lab.streams()).toMatchObject([{ state: "Running", pos: "" }]);
    } finally {
      replica.resume();
    }
  });

  it("-wait ends when the copy is done; progress off a terminal is whole lines on stderr", async () => {
    const primary = lab.primary("target");
    const replica = lab.tablet("source", "zx-0000000002");
    const running = create("-all -tablet_types REPLICA -source ext1.commerce -wait");
    await pauseInTheCopy();
    setTimeout(() => replica.resume(), 6_500);
    const result = await running;
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toMatch(
      /^Waiting for workflow to start:\n\nWorkflow started successfully with 1 stream\(s\)\n/,
    );
    expect(result.stderr).toContain("The copy is done. Next: vtmigrate VDiff commerce.wf\n");
    expect(result.stderr).toMatch(/^.*customer.*$/m);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing that moves a cursor
    expect(result.stderr).not.toMatch(/[\r\u001b]/);
    expectEqualRows(commerce);
    expect(sql(primary, "select * from _vt.copy_state")).toEqual([]);
  });

  it("-wait_timeout: exit 8 while the copy goes on", async () => {
    const replica = lab.tablet("source", "zx-0000000002");
    const running = create("-all -tablet_types REPLICA -source ext1.commerce -wait -wait_timeout 1s");
    await pauseInTheCopy();
    const result = await running;
    replica.resume();
    expect(result).toMatchObject({ code: 8, stdout: "" });
    expect(result.stderr).toContain("Migrate Error: the copy of commerce.wf is still running\n");
    await expect
      .poll(() => sql(lab.primary("target"), "select * from _vt.copy_state"), { timeout: 10_000 })
      .toEqual([]);
    expectEqualRows(commerce);
  });

  it("-wait with a stream in error: exit 1 and what the tablet says", async () => {
    // The same columns and primary key, and a key that the rows violate: the tablet finds out while it copies.
    sql(
      lab.primary("target"),
      "create table product(sku varbinary(128) not null, description varbinary(128), price bigint, primary key(sku), unique key one_each (price))",
    );
    const replica = lab.tablet("source", "zx-0000000002");
    const running = create("-all -defer-secondary-keys=false -tablet_types REPLICA -source ext1.commerce -wait");
    await pauseInTheCopy();
    setTimeout(() => replica.resume(), 1_500);
    const result = await running;
    expect(result).toMatchObject({ code: 1, stdout: "" });
    expect(result.stderr).toMatch(
      /^Migrate Error: stream \d+ on 0\/zone1-0000000100 is in error: .*Duplicate entry '[^']*' for key 'product.one_each'/m,
    );
    expect(lab.streams()).toMatchObject([{ state: "Error" }]);
    const complete = await lab.type("Migrate Complete commerce.wf");
    expect(complete).toMatchObject({ code: 9, stdout: "" });
    expect(complete.stderr).toContain("is in error");
  });
});

describe("Cancel", () => {
  it("drops what Create made, and no table that was there", async () => {
    const primary = lab.primary("target");
    sql(
      primary,
      "create table customer(customer_id bigint not null auto_increment, email varbinary(128), primary key(customer_id))",
      "create table other(id bigint not null, primary key(id))",
    );
    const before = await lab.everything();
    expect(await create("-all -source ext1.commerce -wait")).toMatchObject({ code: 0 });
    expect(await lab.record("wf")).toMatchObject({
      createdTables: { "0": commerce.filter((table) => table !== "customer") },
    });
    const cancel = await lab.type("Migrate Cancel commerce.wf");
    expect(cancel).toMatchObject({ code: 0, stdout: recorded(recording, "Migrate Cancel commerce.wf", 1).stdout });
    expect(lab.targetTables()).toEqual(["customer", "other"]);
    // Its rows stay: they were copied into a table that is not ours to empty.
    expectEqualRows(["customer"]);
    sql(primary, "delete from customer", "alter table customer auto_increment = 1");
    expect(await lab.everything()).toEqual(before);
  });

  it("-keep_data leaves the tables with their rows", async () => {
    expect(await create("-all -source ext1.commerce -wait")).toMatchObject({ code: 0 });
    const cancel = await lab.type("Migrate -keep_data Cancel commerce.wf");
    expect(cancel).toMatchObject({ code: 0, stdout: recorded(recording, "Migrate Cancel commerce.wf", 1).stdout });
    expectEqualRows(commerce);
    expect(lab.streams()).toEqual([]);
    expect(await lab.record("wf")).toBeUndefined();
    expect(await lab.locks()).toEqual([]);
  });

  it("needs neither the mount nor the source", async () => {
    expect(await create("-tables product -source ext1.commerce -wait")).toMatchObject({ code: 0 });
    await lab.topo.deleteMount("ext1");
    try {
      expect(await lab.type("Migrate Cancel commerce.wf")).toMatchObject({ code: 0 });
    } finally {
      const { source } = lab.sandbox;
      await lab.topo.createMount("ext1", { type: "etcd2", server: source.etcd, root: source.topoRoot });
    }
    expect(lab.targetTables()).toEqual([]);
  });
});

describe("Complete", () => {
  it("is refused before the copy is done, and done with -force", async () => {
    expect(await create("-all -source ext1.commerce -auto_start=false")).toMatchObject({ code: 0 });
    const before = await lab.everything();
    const refused = await lab.type("Migrate Complete commerce.wf");
    expect(refused).toMatchObject({ code: 9, stdout: "" });
    expect(refused.stderr).toMatch(
      /^Migrate Error: workflow commerce\.wf is not ready: stream \d+ on 0\/zone1-0000000100 has not started$/m,
    );
    expect(refused.stderr).toMatch(/^Hint: .*-force/m);
    expect(await lab.everything()).toEqual(before);
    const forced = await lab.type("Migrate -force Complete commerce.wf");
    expect(forced).toMatchObject({ code: 0, stdout: recorded(recording, "Migrate Complete commerce.wf", 1).stdout });
    expect(forced.stderr).toContain("Warning: -force");
    expect(lab.streams()).toEqual([]);
  });

  it("takes the tables off the denied list that vtctldclient's Create puts them on", async () => {
    expect(await create("-tables product -source ext1.commerce -wait")).toMatchObject({ code: 0 });
    const { target } = lab.sandbox;
    const topo = openSandboxTopo({ server: target.etcd, root: target.topoRoot });
    await topo.update("topodata.Shard", "keyspaces/commerce/shards/0/Shard", (shard) => ({
      ...shard,
      tablet_controls: [{ tablet_type: "PRIMARY" as const, denied_tables: ["product"] }],
    }));
    topo.close();
    await lab.refresh("zone1-0000000100");
    const product = { keyspace: "commerce", table: "product" };
    await expect(lab.queryTarget(product)).rejects.toThrow("enforce denied tables");
    const show = JSON.parse((await lab.type("Workflow commerce.wf show")).stdout);
    expect(show.ShardStatuses["0/zone1-0000000100"].TabletControls).toEqual([
      { tablet_type: 1, denied_tables: ["product"] },
    ]);
    expect(await lab.type("Migrate Complete commerce.wf")).toMatchObject({ code: 0 });
    expect((await lab.topo.shard("commerce", "0")).tabletControls).toEqual([]);
    await expect(lab.queryTarget(product)).resolves.toHaveLength(100);
  });

  it("waits for a stream that lags; after -timeout it is exit 8, and the streams go on", async () => {
    const replica = lab.tablet("source", "zx-0000000002");
    expect(await create("-all -tablet_types REPLICA -source ext1.commerce -wait")).toMatchObject({ code: 0 });
    replica.setReplicationLag(60_000);
    sql(lab.primary("source"), "update product set price = price + 1");
    const late = await lab.type("Migrate -timeout 1s Complete commerce.wf");
    expect(late).toMatchObject({ code: 8, stdout: "" });
    expect(late.stderr).toContain("not caught up with the source within 1 s: stream");
    expect(lab.streams()).toMatchObject([{ state: "Running" }]);
    expect(await lab.record("wf")).toMatchObject({ step: "created" });
    const running = lab.type("Migrate Complete commerce.wf");
    setTimeout(() => replica.setReplicationLag(0), 1_000);
    expect(await running).toMatchObject({ code: 0 });
    expectEqualRows(commerce);
  });
});

describe("-dry_run changes nothing", () => {
  it("Create: the steps that a real run takes", async () => {
    const before = await lab.everything();
    const result = await create("-dry_run -all -source ext1.commerce");
    expect(result).toMatchObject({ code: 0 });
    expect(normalise(result.stdout)).toMatch(
      /^Dry Run results for Create run at <time>\nParameters: -dry_run -all -source ext1\.commerce Create commerce\.wf\n\n/,
    );
    expect(result.stdout).toContain("Create tables on 0/zone1-0000000100: corder, customer, kinds, notes, product\n");
    expect(await lab.everything()).toEqual(before);
  });

  it("Complete prints the recorded lines", async () => {
    expect(await create("-all -source ext1.commerce -wait")).toMatchObject({ code: 0 });
    const before = await lab.everything();
    const result = await lab.type("Migrate --dry_run Complete commerce.wf");
    expect(result).toMatchObject({ code: 0 });
    const known = recorded(recording, "Migrate --dry_run Complete commerce.wf").stdout.replace(
      "Tablet 1\n",
      "Tablet 100\n",
    );
    expect(normalise(result.stdout)).toBe(normalise(known));
    expect(await lab.everything()).toEqual(before);

    const cancel = await lab.type("Migrate -dry_run Cancel commerce.wf");
    expect(cancel).toMatchObject({ code: 0 });
    expect(cancel.stdout).toMatch(
      /^Drop tables on 0\/zone1-0000000100: corder \(\d+ rows\), customer \(\d+ rows\), kinds .* product \(\d+ rows\)$/m,
    );
    expect(await lab.everything()).toEqual(before);

    for (const action of ["start", "stop", "delete"]) {
      expect(await lab.type(`Workflow -dry-run commerce.wf ${action}`)).toMatchObject({ code: 0 });
    }
    expect(await lab.everything()).toEqual(before);
  });
});
