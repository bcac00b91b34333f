/**
 * Create, VDiff and Complete over shapes, versions and options: each two of them together, and with VTMIGRATE_TEST_ALL
 * every combination.
 */
import { createConnection } from "mysql2/promise";
import { describe, expect, it } from "vitest";
import { sourceCluster } from "../../../src/sandbox/cluster/shape.js";
import { shardedCommerce } from "../../../src/sandbox/commerce-vschema.js";
import type { ProfileName } from "../../../src/sandbox/tablet/profiles.js";
import { keyRangeContains, parseKeyRange } from "../../../src/wire/key-range.js";
import { keyspaceIdFunction } from "../../../src/wire/keyspace-id/keyspace-id.js";
import { decode } from "../../../src/wire/proto.js";
import { Lab, sql } from "../../support/lab.js";
import { type Combination, pairwise, product } from "../../support/pairwise.js";
import { keyspaces, type Option, options, shapes, versions } from "./cases.js";

const dimensions = { shape: shapes, version: versions, option: options, keyspace: keyspaces };
type Case = Combination<typeof dimensions>;
const cases = process.env.VTMIGRATE_TEST_ALL === undefined ? pairwise(dimensions) : product(dimensions);
const allTables = ["corder", "customer", "kinds", "notes", "product"];

/** Those of the cases whose target is of one of these versions: a file each, so that they run side by side. */
export function describeLifecycles(targets: ProfileName[]): void {
  const chosen = cases.filter(({ version }) => targets.includes(version.target));
  describe.each(chosen.map((each) => [describeCase(each), each] as const))("%s", (_, each) => {
    it("brings every row to its shard, and ends", async () => {
      const { shape, version, option, keyspace } = each;
      const lab = await Lab.start({
        typesHere: true,
        rows: 40,
        // Replicas only where they are read: starting tablets is most of the time.
        source: sourceCluster({ shards: shape.source, replicas: option.flags.includes("REPLICA") ? 1 : 0 }),
        targetShards: shape.target,
        targetKeyspace: keyspace,
        sourceProfile: version.source,
        targetProfile: version.target,
      });
      try {
        await migrate(lab, keyspace, option, option.refusedBy?.[version.target]);
      } finally {
        await lab.close();
      }
    }, 120_000);
  });
}

async function migrate(lab: Lab, keyspace: string, option: Option, refusal: string | undefined): Promise<void> {
  const wait = option.startsLater ? "" : " -wait -wait_timeout 60s";
  const create = await lab.type(`Migrate ${option.flags} -source ext1.commerce${wait} Create ${keyspace}.wf`);
  if (refusal !== undefined) {
    expect(create).toMatchObject({ code: 9, stdout: "" });
    expect(create.stderr).toContain(refusal);
    expect(lab.streams()).toEqual([]);
    return;
  }
  expect(create, create.stderr).toMatchObject({ code: 0 });
  if (option.startsLater) expect(await lab.type(`Workflow ${keyspace}.wf start`)).toMatchObject({ code: 0 });

  const tables = allTables.filter((table) => !option.leavesOut?.includes(table));
  if (!option.endsWithCopy) await writeOnSource(lab);
  await expect
    .poll(() => lab.rowsOf("target", "customer"), { timeout: 30_000 })
    .toEqual(lab.rowsOf("source", "customer"));
  if (!option.endsWithCopy) {
    const vdiff = await lab.type(`VDiff -wait ${keyspace}.wf`);
    expect(vdiff, vdiff.stdout + vdiff.stderr).toMatchObject({ code: 0 });
  }
  const complete = await lab.type(`Migrate -timeout 60s Complete ${keyspace}.wf`);
  expect(complete, complete.stderr).toMatchObject({ code: 0 });

  for (const table of tables) expectCopied(lab, table, option.changes?.includes(table) ?? false);
  expectPlaced(lab, keyspace);
  expect(lab.streams()).toEqual([]);
  expect(await lab.locks()).toEqual([]);
  expect(await lab.record("wf", keyspace)).toBeUndefined();
  for (const cell of await lab.topo.cells()) {
    const served = decode("vschema.SrvVSchema", await lab.topo.srvVSchema(cell)).keyspaces[keyspace]?.tables ?? {};
    expect(Object.keys(served)).toEqual(expect.arrayContaining(tables));
  }
}

function expectCopied(lab: Lab, table: string, changed: boolean): void {
  const [source, target] = [lab.rowsOf("source", table), lab.rowsOf("target", table)];
  expect(source.length, table).toBeGreaterThan(0);
  if (changed) expect(target.length, table).toBe(source.length);
  else expect(target, table).toEqual(source);
}

/** Every customer lives in the shard of its keyspace id. */
function expectPlaced(lab: Lab, keyspace: string): void {
  const hash = keyspaceIdFunction(shardedCommerce.vindexes?.hash?.type ?? "");
  for (const primary of lab.primaries("target", keyspace)) {
    const range = parseKeyRange(primary.shard);
    for (const { customer_id } of sql(primary, "select customer_id from customer")) {
      const id = hash?.([Buffer.from(customer_id ?? "")]);
      expect(id && keyRangeContains(range, id), `customer ${customer_id} in ${primary.shard}`).toBe(true);
    }
  }
}

/** As the application would, while streams run. */
async function writeOnSource(lab: Lab): Promise<void> {
  const port = lab.sandbox.source.vtgatePort;
  const client = await createConnection({ host: "127.0.0.1", port, user: "application", database: "commerce" });
  try {
    for (const id of [7001, 7002, 7003, 7004]) {
      await client.query("insert into customer(customer_id, email) values (?, ?)", [id, `late${id}@example.com`]);
    }
    await client.query("update customer set email = 'changed' where customer_id = 7001");
    await client.query("delete from customer where customer_id = 7002");
  } finally {
    await client.end();
  }
}

function describeCase({ shape, version, option, keyspace }: Case): string {
  const { source, target } = shape;
  return `${source.join(",")} to ${keyspace}/${target.join(",")}, ${version.source} to ${version.target}, ${option.flags}`;
}
