/** VDiff of workflows that Create made with its options: what is compared, and what is said of it. */
import { afterEach, describe, expect, it } from "vitest";
import { sourceCluster, targetCluster } from "../../src/sandbox/cluster/shape.js";
import { Lab, type LabOptions, sql } from "../support/lab.js";

const ROWS = 40;

let lab: Lab | undefined;
afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

async function start(options: LabOptions, ...creates: string[]): Promise<Lab> {
  lab = await Lab.start({ typesHere: true, rows: ROWS, ...options });
  for (const create of creates) {
    const { code, stderr } = await lab.type(`Migrate -source ext1.commerce -wait ${create}`);
    expect(stderr).not.toContain("Error");
    expect(code).toBe(0);
  }
  return lab;
}

async function counts(on: Lab, words: string): Promise<Record<string, (number | undefined)[]>> {
  const { stdout } = await on.type(`VDiff -format json ${words}`);
  const reports: Record<string, Record<string, number>> = JSON.parse(stdout);
  return Object.fromEntries(
    Object.entries(reports).map(([table, report]) => [
      table,
      [report.MatchingRows, report.MismatchedRows, report.ExtraRowsSource, report.ExtraRowsTarget],
    ]),
  );
}

const states = (on: Lab) => on.streams().map(({ state, message, stop_pos }) => [state, message, stop_pos]);

describe("-stop_after_copy", { timeout: 120_000 }, () => {
  it("is compared as it stands, and its streams are left alone", async () => {
    const lab = await start({}, "-all -stop_after_copy Create commerce.wf");
    const before = states(lab);
    expect(before).toEqual([["Stopped", expect.stringMatching(/^Stopped after copy/), null]]);
    const equal = await lab.type("VDiff -wait commerce.wf");
    expect(equal).toMatchObject({ code: 0 });
    expect(equal.stderr).not.toContain("Warning");

    sql(lab.primary("target"), "delete from customer where customer_id = 3");
    const differs = await lab.type("VDiff commerce.wf");
    expect(differs).toMatchObject({ code: 3 });
    expect(differs.stderr).not.toContain("Warning");
    expect(states(lab)).toEqual(before);
    expect(await lab.record("wf")).not.toHaveProperty("savedStreams");
  });

  it("says when the source has moved on since then", async () => {
    const lab = await start({}, "-all -stop_after_copy Create commerce.wf");
    sql(lab.primary("source"), "update customer set email = 'later' where customer_id = 5");
    const { code, stderr } = await lab.type("VDiff commerce.wf");
    expect(code).toBe(3);
    expect(stderr.match(/shard commerce\/0 was written to after the copy had stopped/g)).toHaveLength(1);
    expect(await counts(lab, "-tables customer,corder commerce.wf")).toEqual({
      customer: [ROWS - 1, 1, 0, 0],
      corder: [ROWS, 0, 0, 0],
    });
  });
});

it("-source_shards: compares these shards and no others", { timeout: 120_000 }, async () => {
  const shards = ["-80", "80-"];
  const lab = await start(
    { source: sourceCluster({ shards }), target: targetCluster({ shards }) },
    "-all -source_shards 80- Create commerce.wf",
  );
  // No concern of this workflow's.
  sql(lab.primaryOf("target", "-80"), "create table customer (customer_id bigint not null primary key, email int)");
  const [source, target] = [lab.primaryOf("source", "80-"), lab.primaryOf("target", "80-")];
  const customers = sql(source, "select customer_id from customer").length;
  const equal = await lab.type("VDiff commerce.wf");
  expect(equal).toMatchObject({ code: 0 });
  expect(equal.stderr).toMatch(/source zx-\S+ \(replica\), target zone1-\S+ \(primary\)\./);
  sql(target, "delete from customer limit 1", "insert into customer (customer_id, email) values (1000000, 'more')");
  expect((await counts(lab, "commerce.wf")).customer).toEqual([customers - 1, 0, 1, 1]);
  expect((await counts(lab, "commerce.wf")).product).toEqual([ROWS, 0, 0, 0]);
});

it("a shard without streams is refused unless it was left out on purpose", { timeout: 120_000 }, async () => {
  const shards = ["-80", "80-"];
  const lab = await start({ sourceShards: shards, targetShards: shards }, "-all Create commerce.wf");
  sql(lab.primaryOf("target", "80-"), "delete from _vt.vreplication");
  const { code, stderr, stdout } = await lab.type("VDiff commerce.wf");
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toContain("mismatched shards for keyspace commerce: topo: [-80 80-] vs switch command: [-80]");
});

it("several workflows in one keyspace: each its tables, at the same time too", { timeout: 120_000 }, async () => {
  const lab = await start(
    { targetShards: ["-80", "80-"] },
    "-tables customer,product -defer-secondary-keys Create commerce.wf1",
    "-tables corder,kinds -drop_foreign_keys Create commerce.wf2",
  );
  const [first] = lab.primaries("target");
  if (first === undefined) throw new Error("no primary");
  sql(first, "delete from corder limit 1");
  const [one, two] = await Promise.all([counts(lab, "commerce.wf1"), counts(lab, "commerce.wf2")]);
  expect(one).toEqual({ customer: [ROWS, 0, 0, 0], product: [2 * ROWS, 0, 0, 0] });
  expect(two.corder).toEqual([ROWS - 1, 0, 1, 0]);
  expect(Object.keys(two)).toEqual(["corder", "kinds"]);
  const all = states(lab);
  expect(all).toEqual(all.map(() => ["Running", "", null]));
});

it("compares what foreign keys were dropped from", { timeout: 120_000 }, async () => {
  const lab = await start(
    {
      statements: () => [
        "create table parent (id bigint not null primary key)",
        "create table child (id bigint not null primary key, of_parent bigint, key (of_parent), constraint c foreign key (of_parent) references parent (id))",
        "insert into parent values (1), (2)",
        "insert into child values (1, 1), (2, 1), (3, 2)",
      ],
    },
    "-all -drop_foreign_keys Create commerce.wf",
  );
  expect(await counts(lab, "commerce.wf")).toEqual({ child: [3, 0, 0, 0], parent: [2, 0, 0, 0] });
  sql(lab.primary("target"), "delete from parent where id = 1", "update child set of_parent = 7 where id = 3");
  expect(await counts(lab, "commerce.wf")).toEqual({ child: [2, 1, 0, 0], parent: [1, 0, 1, 0] });
});

describe.each([[["0"]], [["-80", "80-"]]])(
  "a source of shards %j whose replicas alone can be reached",
  (sourceShards) => {
    it.each(["", "-tablet_types REPLICA "])("%s", { timeout: 120_000 }, async (words) => {
      const lab = await start(
        { sourceShards, targetShards: ["-80", "80-"], unreachableSourcePrimaries: true },
        "-all -tablet_types REPLICA Create commerce.wf",
      );
      const equal = await lab.type(`VDiff ${words}commerce.wf`);
      expect(equal).toMatchObject({ code: 0 });
      expect(equal.stdout).toContain(
        `Summary for table customer:\n\tProcessedRows: ${ROWS}\n\tMatchingRows: ${ROWS}\n`,
      );
      const [first] = lab.primaries("target");
      if (first === undefined) throw new Error("no primary");
      sql(first, "delete from customer limit 1");
      expect((await counts(lab, `${words}commerce.wf`)).customer).toEqual([ROWS - 1, 0, 1, 0]);
    });
  },
);
