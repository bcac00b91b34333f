/** What options do to real rows, on two shards. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { sourceCluster, targetCluster } from "../../src/sandbox/cluster/shape.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import type { CliResult } from "../support/cli.js";
import { afterStatement, Lab, sql } from "../support/lab.js";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const two = ["-80", "80-"];
const vschema = {
  ...shardedCommerce,
  tables: { ...shardedCommerce.tables, dated: { column_vindexes: [{ column: "id", name: "hash" }] } },
};
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start({
    typesHere: true,
    rows: 40,
    source: sourceCluster({ shards: two, vschema }),
    target: targetCluster({ shards: two, vschema }),
  });
}, 120_000);
afterAll(() => lab?.close());
afterEach(async () => {
  vi.restoreAllMocks();
  for (const cluster of ["source", "target"] as const) {
    for (const tablet of lab.sandbox[cluster].tablets) tablet.resume();
  }
  await lab.clear();
});

const ok = (result: CliResult) => expect(result.code, result.stdout + result.stderr).toBe(0);
const create = (words: string, workflow = "wf") =>
  lab.type(`Migrate ${words} -source ext1.commerce Create commerce.${workflow}`);
const onSource = (...statements: string[]) => {
  for (const primary of lab.primaries("source")) sql(primary, ...statements);
};
const definitions = (table: string) =>
  lab.primaries("target").map(({ mysql, dbName }) => mysql.table(dbName, table)?.createTable ?? "");
const states = (workflow: string) =>
  lab
    .streams()
    .filter((row) => row.workflow === workflow)
    .map(({ state, message }) => `${state} ${message}`.trim());

describe("-on-ddl", () => {
  it("decides what a stream does at a DDL of its tables, on both shards", async () => {
    const each = { IGNORE: "product", STOP: "customer", EXEC: "corder", EXEC_IGNORE: "kinds" };
    const started = await Promise.all(
      Object.entries(each).map(([onDdl, table]) => create(`-tables ${table} -on-ddl ${onDdl} -wait`, onDdl)),
    );
    for (const result of started) ok(result);
    for (const { source, workflow } of lab.streams()) {
      if (workflow === "IGNORE") expect(source).not.toContain("on_ddl");
      else expect(source).toContain(`on_ddl:${workflow}`);
    }
    onSource(
      "alter table product add key price_idx (price)",
      "alter table customer add key email_idx (email)",
      "alter table corder add key sku_idx (sku)",
      "alter table kinds add key plain_idx (plain)",
      "update product set price = price + 1",
      "update corder set price = price + 1",
    );
    for (const primary of lab.primaries("target")) {
      await expect.poll(() => definitionOf(primary.shard, "kinds"), { timeout: 20_000 }).toContain("plain_idx");
      sql(primary, "alter table kinds drop key plain_idx");
    }
    // Fails on the target, where the key isn't there any more.
    onSource("alter table kinds drop key plain_idx", "update kinds set plain = 9 where plain is not null");
    await expect.poll(() => lab.rowsOf("target", "kinds"), { timeout: 20_000 }).toEqual(lab.rowsOf("source", "kinds"));
    await expect
      .poll(() => states("STOP"), { timeout: 20_000 })
      .toEqual([
        "Stopped Stopped at DDL alter table customer add key email_idx (email)",
        "Stopped Stopped at DDL alter table customer add key email_idx (email)",
      ]);
    await expect
      .poll(() => lab.rowsOf("target", "corder"), { timeout: 20_000 })
      .toEqual(lab.rowsOf("source", "corder"));
    await expect
      .poll(() => lab.rowsOf("target", "product"), { timeout: 20_000 })
      .toEqual(lab.rowsOf("source", "product"));
    expect(states("IGNORE")).toEqual(["Running", "Running"]);
    expect(states("EXEC")).toEqual(["Running", "Running"]);
    expect(states("EXEC_IGNORE")).toEqual(["Running", "Running"]);
    for (const definition of definitions("product")) expect(definition).not.toContain("price_idx");
    for (const definition of definitions("corder")) expect(definition).toContain("sku_idx");

    const refused = await lab.type("Migrate Complete commerce.STOP");
    expect(refused).toMatchObject({ code: 9, stdout: "" });
    expect(refused.stderr).toContain("is Stopped (Stopped at DDL alter table customer add key email_idx (email))");
    // What it executes and can't: the stream ends in error, and Show tells.
    for (const primary of lab.primaries("target")) sql(primary, "alter table corder drop key sku_idx");
    onSource("alter table corder drop key sku_idx");
    await expect
      .poll(() => states("EXEC").join("\n"), { timeout: 20_000 })
      .toMatch(/Error .*sku_idx.*\nError .*sku_idx/s);
    const show = await lab.type("Workflow commerce.EXEC show");
    expect(show.stdout.match(/"State": "Error"/g)).toHaveLength(2);
    onSource("alter table product drop key price_idx", "alter table customer drop key email_idx");
  });

  function definitionOf(shard: string, table: string): string {
    const { mysql, dbName } = lab.primaryOf("target", shard);
    return mysql.table(dbName, table)?.createTable ?? "";
  }
});

describe("-defer-secondary-keys", () => {
  it.each([
    ["-defer-secondary-keys", false],
    ["-defer-secondary-keys=false", true],
    ["", false],
  ])("%s: are keys there while rows are copied?", async (flag, present) => {
    onSource("alter table corder add key sku_idx (sku)");
    try {
      const during = new Map<string, string>();
      const look = () => {
        for (const { shard, mysql, dbName } of lab.primaries("target")) {
          if (!during.has(shard)) during.set(shard, mysql.table(dbName, "corder")?.createTable ?? "");
        }
      };
      const copying = afterStatement(lab.primary("target"), /^insert into `?corder`?\s*\(/i, look);
      ok(await create(`-tables corder ${flag} -wait`.replace("  ", " ")));
      await copying;
      expect([...during.values()].some((definition) => definition.includes("sku_idx") === present)).toBe(true);
      for (const definition of definitions("corder")) expect(definition).toContain("KEY `sku_idx` (`sku`)");
      expect(lab.rowsOf("target", "corder")).toEqual(lab.rowsOf("source", "corder"));
      ok(await lab.type("Migrate Complete commerce.wf"));
    } finally {
      onSource("alter table corder drop key sku_idx");
    }
  });
});

describe("-source_shards on both sides sharded alike", () => {
  it("one shard is migrated as a whole workflow, then the other", async () => {
    const both = ["corder", "customer", "kinds", "notes", "product"];
    for (const [shard, other] of [
      ["-80", "80-"],
      ["80-", "-80"],
    ] as const) {
      const name = shard === "-80" ? "low" : "high";
      ok(await create(`-all -source_shards ${shard} -wait`, name));
      const streams = lab.streamsByShard();
      expect(streams[other]).toEqual([]);
      expect(streams[shard]).toMatchObject([{ workflow_sub_type: "1", state: "Running" }]);
      for (const table of both) {
        expect(lab.rowsByShard("target", table)[shard], table).toEqual(lab.rowsByShard("source", table)[shard]);
      }
      const show = JSON.parse((await lab.type(`Workflow commerce.${name} show`)).stdout);
      expect(Object.keys(show.ShardStatuses)).toHaveLength(1);
      const diff = await lab.type(`VDiff commerce.${name}`);
      ok(diff);
      const plan = await lab.type(`Migrate -dry_run Complete commerce.${name}`);
      ok(plan);
      expect(plan.stdout.match(/Shard \S+ Workflow/g)).toEqual([`Shard ${shard} Workflow`]);
      sql(lab.primaryOf("source", shard), "update customer set email = concat('last ', email)");
      ok(await lab.type(`Migrate Complete commerce.${name}`));
      expect(lab.rowsByShard("target", "customer")[shard]).toEqual(lab.rowsByShard("source", "customer")[shard]);
      expect(lab.streams()).toEqual([]);
    }
    for (const table of both) expect(lab.rowsOf("target", table), table).toEqual(lab.rowsOf("source", table));
  });

  it("Cancel of one takes its shard's tables back and no others", async () => {
    ok(await create("-all -source_shards -80 -wait", "low"));
    ok(await create("-all -source_shards 80- -wait", "high"));
    ok(await lab.type("Migrate Cancel commerce.low"));
    const tables = lab.primaries("target").map(({ mysql, dbName }) => mysql.tables(dbName).length);
    expect(tables).toEqual([0, 5]);
    ok(await lab.type("Migrate Complete commerce.high"));
    expect(lab.rowsByShard("target", "customer")).toEqual({ "80-": lab.rowsByShard("source", "customer")["80-"] });
  });
});

describe("-source_time_zone", () => {
  it("converts datetimes to UTC by the zone's winter and summer, copied or replicated; VDiff sees them equal", async () => {
    const table =
      "create table dated (id bigint not null, at datetime, day date, seen timestamp null, primary key (id))";
    const values = "'2024-01-15 12:00:00', '2024-01-15', '2024-01-15 12:00:00'";
    const summer = values.replaceAll("-01-", "-07-");
    onSource(table);
    try {
      sql(lab.primaryOf("source", "-80"), `insert into dated values (1, ${values}), (2, ${summer})`);
      ok(await create("-tables dated -source_time_zone Europe/Berlin -wait"));
      sql(lab.primaryOf("source", "-80"), `insert into dated values (3, ${values}), (5, ${summer})`);
      const target = lab.primaryOf("target", "-80");
      await expect
        .poll(() => sql(target, "select * from dated order by id"), { timeout: 20_000 })
        .toEqual(
          [
            ["1", "2024-01-15 11:00:00", "01"],
            ["2", "2024-07-15 10:00:00", "07"],
            ["3", "2024-01-15 11:00:00", "01"],
            ["5", "2024-07-15 10:00:00", "07"],
          ].map(([id, at, month]) => ({ id, at, day: `2024-${month}-15`, seen: `2024-${month}-15 12:00:00` })),
        );
      const diff = await lab.type("VDiff commerce.wf");
      ok(diff);
    } finally {
      onSource("drop table dated");
    }
  });
});

describe("options without an effect", () => {
  const never =
    "-keep_routing_rules -rename_tables -reverse_replication=false -max_replication_lag_allowed 5s -target_shards -80 -skip_schema_copy -initialize-target-sequences -no-routing-rules -v1=false -v2";
  const named =
    "-keep_routing_rules, -rename_tables, -reverse_replication, -max_replication_lag_allowed, -target_shards, -skip_schema_copy, -initialize-target-sequences, -no-routing-rules, -v1, -v2";
  const vain = (result: CliResult) => result.stderr.split("\n").filter((line) => line.startsWith("No effect on "));

  it("are one line on stderr, and change nothing of what is done", async () => {
    const before = await lab.everything();
    const plain = await create("-tables product -dry_run");
    const shown = await create(`-tables product -dry_run -keep_data ${never}`);
    ok(shown);
    expect(vain(shown)).toEqual([`No effect on Migrate Create: ${named}, -keep_data`]);
    const steps = ({ stdout }: CliResult) => stdout.split("\n").slice(2);
    expect(steps(shown)).toEqual(steps(plain));
    expect(await lab.everything()).toEqual(before);

    ok(await create("-tables product -wait"));
    const made = await lab.everything();
    const createOnly = "-source a.b -all -cells x -tablet_types rdonly -auto_start=false -stop_after_copy -on-ddl STOP";
    const complete = await lab.type(`Migrate -dry_run ${never} ${createOnly} -keep_data Complete commerce.wf`);
    ok(complete);
    expect(vain(complete)).toEqual([
      `No effect on Migrate Complete: ${named}, -source, -all, -cells, -tablet_types, -auto_start, -stop_after_copy, -on-ddl, -keep_data`,
    ]);
    const cancel = await lab.type(`Migrate -dry_run -timeout 1s ${never} -tables product Cancel commerce.wf`);
    ok(cancel);
    expect(vain(cancel)).toEqual([`No effect on Migrate Cancel: ${named}, -tables, -timeout`]);
    expect(await lab.everything()).toEqual(made);
  });
});
