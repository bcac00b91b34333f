/** Streams between keyspaces that are sharded differently: where rows arrive, and that they go on arriving once. */
import { afterAll, describe, expect, it, vi } from "vitest";
import { sourceCluster, targetCluster } from "../../src/sandbox/cluster/shape.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import type { ProfileName } from "../../src/sandbox/tablet/profiles.js";
import { parseBinlogSource } from "../../src/wire/binlog-source.js";
import { keyRangeContains, parseKeyRange } from "../../src/wire/key-range.js";
import { keyspaceIdFunction } from "../../src/wire/keyspace-id/keyspace-id.js";
import type { MessageInput } from "../../src/wire/proto.js";
import { Lab, sql } from "../support/lab.js";

type KeyspaceInput = MessageInput<"vschema.Keyspace">;

const reference = { type: "reference" };
const sourceVSchema: KeyspaceInput = { ...shardedCommerce, tables: { ...shardedCommerce.tables, codes: reference } };

/** Customers by another function than the source's, orders by another column; under names that the source hasn't. */
const resharded: KeyspaceInput = {
  sharded: true,
  vindexes: { ours: { type: "xxhash" }, theirs: { type: "hash" }, text: { type: "binary_md5" } },
  tables: {
    product: reference,
    codes: reference,
    customer: { column_vindexes: [{ column: "customer_id", name: "ours" }] },
    corder: { column_vindexes: [{ column: "order_id", name: "theirs" }] },
    kinds: { column_vindexes: [{ column: "id", name: "ours" }] },
    notes: { column_vindexes: [{ column: "author", name: "text" }] },
  },
};
const tables = ["codes", ...Object.keys(shardedCommerce.tables ?? {})].sort();

const cases: [what: string, from: string[], to: string[], vschema: KeyspaceInput | undefined, profile: ProfileName][] =
  [
    ["the same sharding over other shards", ["-80", "80-"], ["-40", "40-80", "80-"], sourceVSchema, "v22"],
    ["another sharding", ["-80", "80-"], ["-c0", "c0-"], resharded, "v22"],
    ["another sharding on v11", ["-80", "80-"], ["-c0", "c0-"], resharded, "v11"],
    ["one target shard", ["-40", "40-80", "80-"], ["0"], undefined, "v18"],
  ];

describe.each(cases)("%s", (_, from, to, vschema, profile) => {
  let lab: Lab | undefined;

  afterAll(() => lab?.close());

  it("brings every row to its shard, and what changes later", async () => {
    lab = await Lab.start({
      typesHere: true,
      rows: 80,
      sourceProfile: profile,
      targetProfile: profile,
      source: sourceCluster({ shards: from, vschema: sourceVSchema }),
      target: targetCluster({ shards: to, ...(vschema && { vschema }) }),
    });
    const primaries = lab.primaries("source");
    for (const primary of primaries) {
      sql(
        primary,
        "create table codes (id bigint not null, code varbinary(8) not null, primary key (id), unique key (code))",
        "insert into codes values (1, 'a'), (2, 'b'), (3, 'c')",
      );
    }
    const created = await lab.type("Migrate -all -source ext1.commerce -wait Create commerce.wf");
    expect([created.code, created.stdout, created.stderr]).toEqual([0, expect.any(String), expect.any(String)]);
    requireSame(lab);
    if (vschema !== undefined) requirePlaced(lab, vschema);
    for (const row of lab.streams()) {
      expect(parseBinlogSource(row.source ?? "").filter.rules.map(({ match }) => match)).toEqual(tables);
    }

    // A code moves to another row: from two sources at once that would clash now and then.
    for (let round = 0; round < 20; round++) {
      for (const primary of primaries) {
        sql(
          primary,
          `delete from codes where id = ${round + 1}`,
          `insert into codes values (${round + 4}, '${"abc"[round % 3]}')`,
        );
      }
    }
    for (const primary of primaries) sql(primary, "update customer set email = concat('x', email)");
    const running = lab;
    await vi.waitFor(() => requireSame(running), { timeout: 20_000, interval: 200 });
    expect(lab.streams().map(({ state, message }) => `${state} ${message}`)).toEqual(
      lab.streams().map(() => "Running "),
    );
  }, 180_000);

  it("plans a stop with each tablet named once, and a rule between streams", async () => {
    const { stdout } = (await lab?.type("Workflow -dry-run commerce.wf stop")) ?? { stdout: "" };
    const count = (pattern: RegExp) => stdout.match(pattern)?.length;
    expect(count(/^\| \S+\/zone1-\d{10} /gm)).toBe(lab?.primaries("target").length);
    // Besides those between streams: above and below the head, and at the end.
    expect(count(/^\+/gm)).toBe((lab?.streams().length ?? 0) + 2);
  });
});

function requireSame(lab: Lab): void {
  for (const table of tables) {
    const [target, source] = (["target", "source"] as const).map((side) => lab.rowsByShard(side, table));
    const whole = (side: Record<string, string[]> = {}) => Object.values(side);
    if (table === "codes" || table === "product") {
      for (const rows of whole(target)) expect(rows).toEqual(whole(source)[0]);
    } else {
      expect(whole(target).flat().sort()).toEqual(whole(source).flat().sort());
    }
  }
}

function requirePlaced(lab: Lab, { tables: entries = {}, vindexes = {} }: KeyspaceInput): void {
  for (const primary of lab.primaries("target")) {
    for (const [table, { column_vindexes: [by] = [] }] of Object.entries(entries)) {
      const { column = "", name = "" } = by ?? {};
      if (column === "") continue;
      const id = keyspaceIdFunction(vindexes[name]?.type ?? "");
      for (const row of sql(primary, `select ${column} from ${table}`)) {
        const placed = id?.([Buffer.from(row[column] ?? "")], [column === "author" ? "VARCHAR" : "INT64"]);
        expect(keyRangeContains(parseKeyRange(primary.shard), placed ?? Buffer.alloc(0))).toBe(true);
      }
    }
  }
}
