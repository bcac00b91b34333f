import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PreflightError } from "../../../src/errors.js";
import { leftOutNotes, requireNoViews } from "../../../src/migrate/create/left-out.js";
import { createScript, inspectTargetSchema, type SchemaRequest } from "../../../src/migrate/create/schema/schema.js";
import { createTabletClients } from "../../../src/tablet/grpc/clients.js";
import type { Target } from "../../../src/workflow/targets.js";
import { ToyTablet } from "../../support/toy-tablet.js";

const shardNames = ["-80", "80-"];
const toys = shardNames.map(() => new ToyTablet());
const tablets = createTabletClients();
let targets: Target[];

beforeAll(async () => {
  for (const toy of toys) await toy.start();
  targets = toys.map((toy, i) => {
    const name = shardNames[i] ?? "";
    const uid = 100 * (i + 1);
    const primary = tablets.open({
      mount: "",
      alias: `zone1-0000000${uid}`,
      cell: "zone1",
      uid,
      keyspace: "commerce",
      shard: name,
      type: "PRIMARY",
      hostname: "127.0.0.1",
      grpcAddress: `127.0.0.1:${toy.port}`,
      dbName: "vt_commerce",
    });
    const shard = { keyspace: "commerce", name, primaryAlias: undefined, isPrimaryServing: true, tabletControls: [] };
    return { shard, primary };
  });
});

afterAll(() => {
  tablets.close();
  for (const toy of toys) toy.stop();
});

beforeEach(() => {
  for (const toy of toys) {
    toy.tables.clear();
    toy.calls.length = 0;
  }
});

function definition(name: string, lines: string[]): SchemaRequest["source"][number] {
  const schema = `CREATE TABLE \`${name}\` (\n${lines.map((line) => `  ${line}`).join(",\n")}\n) ENGINE=InnoDB`;
  return {
    name,
    schema,
    columns: [],
    primary_key_columns: [],
    type: "BASE TABLE",
    data_length: "0",
    row_count: "0",
    fields: [],
  };
}

function put(shard: number, name: string, lines: string[], rows = 0): void {
  toys[shard]?.tables.set(name, { ...definition(name, lines), row_count: rows });
}

const id = ["`id` bigint NOT NULL", "PRIMARY KEY (`id`)"];
const child = [...id, "CONSTRAINT `c_1` FOREIGN KEY (`id`) REFERENCES `parent` (`id`)"];

function inspect(source: SchemaRequest["source"], dropForeignKeys = false) {
  return inspectTargetSchema(targets, { tables: source.map(({ name }) => name), source, dropForeignKeys });
}

describe("what is there already", () => {
  it("is refused in one message: every table of every shard that doesn't fit, and why", async () => {
    const source = ["a", "b", "c", "d"].map((name) => definition(name, ["`n` int", ...id]));
    put(0, "a", ["`n` int", ...id], 3);
    put(1, "a", ["`n` int", ...id], 1);
    put(1, "b", ["`n` text", ...id], 1);
    put(0, "c", id);
    put(1, "c", id);
    put(0, "d", ["`n` int(11)", ...id]);
    const failure = await inspect(source).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PreflightError);
    expect(failure).toMatchObject({
      message: [
        "tables that are not empty exist in target commerce/-80, commerce/80-: a",
        "tables that are not empty exist in target commerce/80-: b",
        "tables of another structure exist in target commerce/-80, commerce/80-: c (lacks column n)",
        "tables of another structure exist in target commerce/80-: b (column n is text, on the source int)",
      ].join("; "),
      hint: expect.stringMatching(/Drop or rename these tables, or leave them out with -exclude\.$/),
    });
  });

  it("may differ in what rows don't mind, which is said once for all shards", async () => {
    put(0, "a", id);
    put(1, "a", id);
    put(1, "b", ["`id` bigint(20) NOT NULL", "PRIMARY KEY (`id`)", "KEY `id` (`id`)"]);
    const { shards, notes } = await inspect([definition("a", [...id, "KEY `k` (`id`)"]), definition("b", id)]);
    expect(shards).toMatchObject([
      { existing: ["a"], missing: [{ name: "b" }] },
      { existing: ["a", "b"], missing: [] },
    ]);
    expect(notes).toEqual([
      "In target commerce/-80, commerce/80-, a lacks KEY `k` (`id`)",
      "In target commerce/80-, b has KEY `id` (`id`), which the source has not",
    ]);
  });

  it("takes one round trip for fifty tables", async () => {
    const names = Array.from({ length: 120 }, (_, i) => `t${i}`);
    for (const name of names) put(0, name, id);
    put(0, "t119", id, 1);
    put(0, "t3", id, 1);
    const inspection = inspect(names.map((name) => definition(name, id)));
    await expect(inspection).rejects.toThrow("not empty exist in target commerce/-80: t119, t3");
    expect(toys[0]?.calls.map((call) => call.split(" ")[0])).toEqual([
      "GetSchema",
      ...Array(3).fill("ExecuteFetchAsDba"),
    ]);
    expect(toys[1]?.calls.map((call) => call.split(" ")[0])).toEqual(["GetSchema"]);
  });
});

describe("what is created", () => {
  it("comes parents first, behind the settings that its texts need", async () => {
    const source = [definition("child", child), definition("other", id), definition("parent", id)];
    const { shards, notes } = await inspect(source);
    expect(notes).toEqual([]);
    const [parent, children, other] = ["parent", "child", "other"].map((name) =>
      source.find((table) => table.name === name),
    );
    const settings = ["SET NAMES utf8mb4", "SET sql_mode='NO_AUTO_VALUE_ON_ZERO'", "SET foreign_key_checks=0"];
    expect(createScript(shards[0]?.missing ?? [])).toBe(
      [...settings, parent?.schema, children?.schema, other?.schema].join(";\n"),
    );
  });

  it("has no foreign keys with -drop_foreign_keys, and then misses no parent", async () => {
    const { shards, notes } = await inspect([definition("child", child)], true);
    expect(shards.map(({ missing }) => missing.map(({ schema }) => schema))).toEqual(
      shards.map(() => [definition("child", id).schema]),
    );
    expect(notes).toEqual([]);
  });

  it("is warned of where it refers to a table that is neither copied nor there", async () => {
    put(0, "parent", id);
    const other = [...id, "CONSTRAINT `o_1` FOREIGN KEY (`id`) REFERENCES `else`.`child` (`id`)"];
    const { notes } = await inspect([definition("child", child), definition("other", other)]);
    expect(notes).toEqual([
      expect.stringMatching(
        /^Foreign key o_1 of other refers to `else`\.child, .* in target commerce\/-80, commerce\/80-: /,
      ),
      expect.stringMatching(
        /^Foreign key c_1 of child refers to parent, .* in target commerce\/80-: .*-drop_foreign_keys/,
      ),
    ]);
  });

  it("is noted where rows have no identity", async () => {
    const source = [definition("b", ["`n` int"]), definition("a", ["`n` int"]), definition("keyed", id)];
    expect((await inspect(source)).notes).toEqual([expect.stringMatching(/: a, b\. Whole rows/)]);
  });

  it.each([
    ["/etc", "takes a table name that starts with a slash for a regular expression: /etc"],
    ["表".repeat(43), `whose name is longer than 128 bytes: ${"表".repeat(43)}`],
  ])("can't be %s", async (name, message) => {
    await expect(inspect([definition(name, id), definition("fine", id)])).rejects.toThrow(message);
    await expect(inspect([definition(name, id)])).rejects.toHaveProperty("hint", expect.stringContaining("-exclude"));
    expect(toys[0]?.calls).toEqual([]);
  });

  it("may have a name of 128 bytes, with a slash inside", async () => {
    await inspect([definition(`${"表".repeat(42)}/b`, id)]);
  });
});

describe("what isn't copied", () => {
  const leftOut = [
    { name: "seq", type: "SEQUENCE" },
    { name: "v1", type: "VIEW" },
    { name: "v2", type: "VIEW" },
  ];

  it("is told, views apart", () => {
    expect(leftOutNotes(leftOut)).toEqual([
      "Views are left out: v1, v2",
      "Left out, as Vitess knows no such tables: seq (sequence)",
    ]);
    expect(leftOutNotes([])).toEqual([]);
  });

  it("is refused by name", () => {
    expect(() => requireNoViews(["a", "v2", "v1"], leftOut)).toThrow("views aren't copied: v1, v2");
    requireNoViews(["a"], leftOut);
  });
});
