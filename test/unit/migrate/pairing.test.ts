import { describe, expect, it } from "vitest";
import { PreflightError } from "../../../src/errors.js";
import { type PairingInput, planPairs } from "../../../src/migrate/create/routes/pairing.js";
import type { MessageInput } from "../../../src/wire/proto.js";
import { keyspaceVSchema, srvVSchema } from "../../support/vschemas.js";

type KeyspaceInput = MessageInput<"vschema.Keyspace">;

const UNSHARDED: KeyspaceInput = {};
const byHash = (column: string) => ({ column_vindexes: [{ column, name: "hash" }] });
const sharded = (
  tables: KeyspaceInput["tables"],
  vindexes: KeyspaceInput["vindexes"] = { hash: { type: "hash" } },
) => ({
  sharded: true,
  vindexes,
  tables,
});

interface Case {
  from: [shards: string, vschema: KeyspaceInput];
  to: [shards: string, vschema: KeyspaceInput];
  tables?: string[];
  /** The SrvVSchemas of the source's cells; one with the source keyspace alone when absent. */
  cells?: Record<string, KeyspaceInput>[];
}

function input({ from, to, tables = ["t"], cells }: Case): PairingInput {
  return {
    source: { keyspace: "src", shards: from[0].split(" "), vschema: keyspaceVSchema(from[1]) },
    target: { keyspace: "dst", shards: to[0].split(" "), vschema: keyspaceVSchema(to[1]) },
    tables: tables.map((name) => ({ name, columns: ["Id", "zip"], primaryKey: ["Id"] })),
    sourceCells: (cells ?? [{ src: from[1] }]).map((keyspaces, index) => ({
      cell: `z${index}`,
      vschema: srvVSchema(keyspaces),
    })),
  };
}

const pairs = (given: Case) => planPairs(input(given)).map(({ target, source }) => `${source} to ${target}`);
const filters = (given: Case) =>
  planPairs(input(given)).map(({ target, source, rules }) => [source, target, ...rules.map(({ filter }) => filter)]);

function refusal(given: Case, options?: { partial: boolean }): PreflightError {
  try {
    planPairs(input(given), options);
  } catch (error) {
    if (error instanceof PreflightError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

/** The VSchema lines that a hint shows. */
function shown(error: PreflightError): KeyspaceInput & { tables: Record<string, { columnVindexes: unknown }> } {
  const text = error.hint ?? "";
  return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1));
}

describe("pairs", () => {
  const all = ["-80 to -40", "80- to -40", "-80 to 40-", "80- to 40-"];
  const intersecting = ["-80 to -40", "-80 to 40-", "80- to 40-"];

  it("are those that intersect where both sides are sharded alike", () => {
    const same: Case = {
      from: ["-80 80-", sharded({ t: byHash("id") })],
      to: ["-40 40-", sharded({ t: byHash("ID") })],
    };
    expect(pairs(same)).toEqual(intersecting);
  });

  it("are all where a table is sharded differently", () => {
    const to: Case["to"] = ["-40 40-", sharded({ t: byHash("id"), u: byHash("id") })];
    const from = (vschema: KeyspaceInput): Case => ({ from: ["-80 80-", vschema], to, tables: ["t", "u"] });
    expect(pairs(from(sharded({ t: byHash("id"), u: byHash("id") })))).toEqual(intersecting);
    expect(pairs(from(sharded({ t: byHash("id"), u: byHash("zip") })))).toEqual(all);
    expect(pairs(from(sharded({ t: byHash("id") })))).toEqual(all);
    const otherHash = sharded({ t: byHash("id"), u: byHash("id") }, { hash: { type: "xxhash" } });
    const cells = [{ src: otherHash, more: { vindexes: { h: { type: "hash" } } } }];
    expect(pairs({ ...from(otherHash), cells })).toEqual(all);
  });

  it("are all where only the parameters differ", () => {
    const multicol = (bytes: string) =>
      sharded(
        { t: { column_vindexes: [{ columns: ["id", "zip"], name: "m" }] } },
        { m: { type: "multicol", params: { column_count: "2", column_bytes: bytes } } },
      );
    const cells = [{ src: multicol("4,4"), other: multicol("1,7") }];
    expect(pairs({ from: ["-80 80-", multicol("4,4")], to: ["-40 40-", multicol("")], cells })).toEqual(intersecting);
    expect(pairs({ from: ["-80 80-", multicol("4,4")], to: ["-40 40-", multicol("1,7")], cells })).toEqual(all);
  });

  it("are all where the target has a table whole in each shard, and the source has it spread", () => {
    const from: Case["from"] = ["-80 80-", sharded({ t: byHash("id") })];
    expect(pairs({ from, to: ["-40 40-", sharded({ t: { type: "reference" } })] })).toEqual(all);
  });

  it("take either side as unsharded", () => {
    const to: Case["to"] = ["-40 40-", sharded({ t: byHash("id") })];
    expect(pairs({ from: ["0", UNSHARDED], to })).toEqual(["0 to -40", "0 to 40-"]);
    expect(pairs({ from: ["-80 80-", sharded({ t: byHash("id") })], to: ["0", UNSHARDED] })).toEqual([
      "-80 to 0",
      "80- to 0",
    ]);
  });
});

describe("rules", () => {
  it("pick a target shard's rows by the source's name for its vindex", () => {
    const from: Case["from"] = ["0", { vindexes: { h: { type: "hash" } } }];
    const to: Case["to"] = ["-80 80-", sharded({ t: byHash("id"), r: { type: "reference" } })];
    expect(filters({ from, to, tables: ["r", "t"] })).toEqual([
      ["0", "-80", "select * from r", "select * from t where in_keyrange(id, 'src.h', '-80')"],
      ["0", "80-", "select * from r", "select * from t where in_keyrange(id, 'src.h', '80-')"],
    ]);
  });

  it("are plain for a target that takes everything", () => {
    const to: Case["to"] = [
      "-",
      sharded({ t: { column_vindexes: [{ column: "id", name: "m" }] } }, { m: { type: "cfc" } }),
    ];
    expect(filters({ from: ["0", UNSHARDED], to })).toEqual([["0", "-", "select * from t"]]);
  });

  it("take a reference table of a sharded source from one shard, in turn, and from the others nothing", () => {
    const from: Case["from"] = ["-80 80-", sharded({ r: { type: "reference" }, t: byHash("id") })];
    const to: Case["to"] = ["-40 40-", sharded({ r: { type: "reference" }, t: byHash("zip") })];
    const none = "select * from r where in_keyrange(Id, 'null', '80-')";
    const some = (range: string) => `select * from t where in_keyrange(zip, 'src.hash', '${range}')`;
    expect(filters({ from, to, tables: ["r", "t"] })).toEqual([
      ["-80", "-40", "select * from r", some("-40")],
      ["80-", "-40", none, some("-40")],
      ["-80", "40-", none, some("40-")],
      ["80-", "40-", "select * from r", some("40-")],
    ]);
    expect(filters({ from, to: ["0", UNSHARDED], tables: ["r"] })).toEqual([
      ["-80", "0", "select * from r"],
      ["80-", "0", none],
    ]);
  });

  it("split a reference table of the source that the target spreads", () => {
    const from: Case["from"] = ["-80 80-", sharded({ t: { type: "reference" } })];
    expect(filters({ from, to: ["-40 40-", sharded({ t: byHash("id") })] })).toEqual([
      ["-80", "-40", "select * from t where in_keyrange(id, 'src.hash', '-40')"],
      ["-80", "40-", "select * from t where in_keyrange(Id, 'null', '80-')"],
      ["80-", "40-", "select * from t where in_keyrange(id, 'src.hash', '40-')"],
    ]);
  });

  it("need no tricks for a reference table where shards pair one to one", () => {
    const both = sharded({ t: { type: "reference" } });
    expect(filters({ from: ["-80 80-", both], to: ["-80 80-", both] })).toEqual([
      ["-80", "-80", "select * from t"],
      ["80-", "80-", "select * from t"],
    ]);
  });
});

describe("a refusal", () => {
  it("lists every table that the target can't place, and lines that would do", () => {
    const to = sharded({ pinned: { pinned: "80" }, bare: { pinned: "" }, ok: byHash("id") });
    const given: Case = { from: ["0", UNSHARDED], to: ["-80 80-", to], tables: ["absent", "bare", "ok", "pinned"] };
    const error = refusal(given);
    expect(error.message).toBe(
      "target keyspace dst is sharded, and its VSchema doesn't say which shard gets which rows: table absent not found in vschema; table bare has no vindex; table pinned is pinned and has no vindex",
    );
    expect(error.hint).toContain("Leave out with -exclude, or into an unsharded keyspace: pinned.");
    expect(shown(error)).toEqual({
      tables: {
        absent: { columnVindexes: [{ column: "Id", name: "hash" }] },
        bare: { columnVindexes: [{ column: "Id", name: "hash" }] },
      },
    });
  });

  it("proposes what the source has, under a name that is free", () => {
    const from = sharded(
      { a: { column_vindexes: [{ column: "zip", name: "hash" }] }, r: { type: "reference" } },
      { hash: { type: "unicode_loose_md5" } },
    );
    const error = refusal({ from: ["-80 80-", from], to: ["-80 80-", sharded({})], tables: ["a", "r"] });
    expect(shown(error)).toEqual({
      vindexes: { hash_2: { type: "unicode_loose_md5" } },
      tables: { a: { columnVindexes: [{ column: "zip", name: "hash_2" }] }, r: { type: "reference" } },
    });
    const none = refusal({ from: ["0", UNSHARDED], to: ["-80 80-", sharded({}, {})] });
    expect(shown(none)).toEqual({
      vindexes: { xxhash: { type: "xxhash" } },
      tables: { t: { columnVindexes: [{ column: "Id", name: "xxhash" }] } },
    });
  });

  it("names columns that the source hasn't", () => {
    const error = refusal({ from: ["0", UNSHARDED], to: ["-80 80-", sharded({ t: byHash("customer_id") })] });
    expect(error.message).toBe("the source has no columns t.customer_id, by which the target is sharded");
    expect(error.hint).toBe("Correct columnVindexes in the VSchema of dst. In the source, t has Id, zip.");
  });

  it("names a vindex that the source can't resolve, and lines that make it resolve", () => {
    const two = { type: "multicol", params: { column_count: "2" } };
    const table = { column_vindexes: [{ columns: ["id", "zip"], name: "m" }] };
    const source = { vindexes: { m: { type: "hash" } } };
    const given: Case = {
      from: ["0", source],
      to: ["-80 80-", sharded({ t: table, u: table }, { m: two })],
      tables: ["t", "u"],
    };
    const error = refusal(given);
    expect(error.message).toBe(
      "the source cluster, which picks out the rows for each shard of dst, has no vindex like m (type multicol, column_count 2) for t, u",
    );
    expect(error.hint).toContain("Add to the VSchema of src in the source cluster:\n");
    expect(error.hint).toMatch(/Vitess v11 has no multicol\.$/);
    const lines = shown(error);
    expect(lines).toEqual({ vindexes: { m_2: two } });
    const mended = { src: { ...source, vindexes: { ...source.vindexes, ...lines.vindexes } } };
    expect(filters({ ...given, cells: [mended] })[0]?.[2]).toBe(
      "select * from t where in_keyrange(id, zip, 'src.m_2', '-80')",
    );
    const stale = refusal({ ...given, cells: [mended, { src: source }] });
    expect(stale.hint).toContain("Only cells z0 have the one for m in their SrvVSchema: RebuildVSchemaGraph");
  });

  it("comes for shards that overlap or leave gaps, on either side", () => {
    const both = sharded({ t: byHash("id") });
    expect(refusal({ from: ["-80 40-", both], to: ["-", both] }).message).toBe(
      "shards -80 and 40- of source keyspace src overlap",
    );
    expect(refusal({ from: ["-80 80-", both], to: ["-40 80-", both] }).message).toBe(
      "shards -40, 80- of target keyspace dst leave a part of the key range out",
    );
    expect(refusal({ from: ["-80", both], to: ["-", both] }).hint).toContain("-source_shards");
    expect(refusal({ from: ["0", UNSHARDED], to: ["-80 80-", UNSHARDED] }).message).toBe(
      "target keyspace dst has 2 shards, and its VSchema is unsharded",
    );
    expect(refusal({ from: ["0", UNSHARDED], to: ["-x", both] }).message).toBe(
      "shard dst/-x is not named after a key range",
    );
  });

  it("comes for a part of the shards only where rows would be missed", () => {
    const both = sharded({ t: byHash("id"), u: byHash("id") });
    const given: Case = { from: ["40-80", both], to: ["40-80", both], tables: ["t", "u"] };
    expect(planPairs(input(given), { partial: true }).map(({ source }) => source)).toEqual(["40-80"]);
    const other: Case = { ...given, to: ["40-80", sharded({ t: byHash("id"), u: byHash("zip") })] };
    expect(refusal(other, { partial: true }).message).toBe(
      "a part of the shards can be migrated only where both sides are sharded alike, and these tables aren't: u",
    );
    const shared = sharded({ t: byHash("id"), u: { type: "reference" } });
    const withReference: Case = { ...given, from: ["40-80", shared], to: ["40-80", shared] };
    const [only, ...others] = planPairs(input(withReference), { partial: true });
    expect(others).toEqual([]);
    expect(only?.rules).toMatchObject([{ match: "t" }, { match: "u", filter: "select * from u" }]);
    const whole: Case = { ...other, from: ["-80 80-", both], to: ["-80 80-", other.to[1]] };
    expect(planPairs(input(whole), { partial: true })).toHaveLength(4);
  });
});

it("64 by 64 shards with 500 tables take little time, and share their rules", () => {
  const shards = Array.from({ length: 64 }, (_, i) => {
    const bound = (at: number) => (at === 0 || at === 64 ? "" : (at * 4).toString(16).padStart(2, "0"));
    return `${bound(i)}-${bound(i + 1)}`;
  }).join(" ");
  const tables = Array.from({ length: 500 }, (_, i) => `table_${String(i).padStart(3, "0")}`);
  const entries = (column: string) =>
    Object.fromEntries(tables.map((name, i) => [name, i % 50 === 0 ? { type: "reference" } : byHash(column)]));
  const given = input({ from: [shards, sharded(entries("id"))], to: [shards, sharded(entries("zip"))], tables });
  const before = process.cpuUsage();
  const planned = planPairs(given);
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(1000);
  expect(planned).toHaveLength(64 * 64);
  expect(new Set(planned.map(({ rules }) => rules)).size).toBe(2 * 64);
});
