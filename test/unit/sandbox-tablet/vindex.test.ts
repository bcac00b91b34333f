import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ProfileName, profiles } from "../../../src/sandbox/tablet/profiles.js";
import type { SandboxTablet } from "../../../src/sandbox/tablet/tablet.js";
import type { MessageInput, MessageOutput } from "../../../src/wire/proto.js";
import { decodeRow } from "../../../src/wire/result.js";
import { Cluster, run } from "./clusters.js";

const target = { keyspace: "commerce", shard: "0", tablet_type: "PRIMARY" } as const;
const names = Object.keys(profiles) as ProfileName[];
const old: ProfileName[] = ["v11", "v14"];
const coded = names.filter((name) => !old.includes(name));

let cluster: Cluster;
const tablets = new Map<ProfileName, SandboxTablet>();

type VSchema = NonNullable<MessageInput<"vschema.SrvVSchema">["keyspaces"]>;

async function vschema(keyspaces: VSchema): Promise<void> {
  const cell = await cluster.topo.cell("zx");
  await cell.put("vschema.SrvVSchema", "SrvVSchema", { keyspaces });
}

beforeAll(async () => {
  cluster = await Cluster.start("zx");
  for (const [i, name] of names.entries()) {
    const tablet = await cluster.tablet({ uid: i + 1, profile: profiles[name] });
    tablets.set(name, tablet);
    run(
      tablet,
      `create table t (id bigint not null, name varchar(20), n decimal(5,1), primary key (id));
       insert into t values (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4), (5, 'e', 5);
       create table odd (id int not null, u bigint unsigned, name varchar(20), primary key (id));
       insert into odd values (-1, 18446744073709551615, '7'), (1, null, 'x"y')`,
    );
  }
});
afterAll(() => cluster.stop());
beforeEach(() => vschema({ commerce: {} }));

/** The first column of the rows that a filter's SELECT sends. */
async function read(sql: string, profile: ProfileName = "v22"): Promise<string[]> {
  const tablet = tablets.get(profile);
  if (tablet === undefined) throw new Error(`no tablet of ${profile}`);
  const stream: AsyncIterable<MessageOutput<"binlogdata.VStreamRowsResponse">> = cluster
    .query(tablet)
    .streams.vStreamRows({ target, query: sql }, { deadline: Date.now() + 10_000 });
  const found: string[] = [];
  for await (const { rows } of stream) found.push(...rows.map((row) => decodeRow(row)[0]?.toString() ?? "NULL"));
  return found;
}

const there = (condition: string, profile?: ProfileName) => read(`select * from t where ${condition}`, profile);

/** "NOT_FOUND: text", or what came instead. */
function refusal(sql: string, profile?: ProfileName): Promise<string> {
  return read(sql, profile).then(
    (rows) => `rows ${rows.join()}`,
    ({ code, details }) => `${status[code]}: ${details}`,
  );
}
const refused = (condition: string, profile?: ProfileName) => refusal(`select * from t where ${condition}`, profile);

const everywhere = (expected: (name: ProfileName) => string) =>
  Object.fromEntries(names.map((name) => [name, expected(name)]));

const onAll = async (condition: string) =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await refused(condition, name)])));

describe("a vindex that is named with its keyspace", () => {
  it("is found with its parameters", async () => {
    const map = { type: "numeric_static_map", params: { json: '{"1": 0, "2": 9223372036854775808}' } };
    await vschema({ commerce: {}, customer: { sharded: true, vindexes: { hash: { type: "hash" }, map } } });
    expect(await there("in_keyrange(id, 'customer.hash', '-80')")).toEqual(["1", "2", "3", "5"]);
    expect(await there("in_keyrange(id, 'customer.hash', '80-')")).toEqual(["4"]);
    expect(await there("in_keyrange(id, 'customer.map', '80-')")).toEqual(["2"]);
  });

  it("is refused when the keyspace is unknown, or hasn't got it", async () => {
    expect(await onAll("in_keyrange(id, 'nope.hash', '-80')")).toEqual(
      everywhere((name) =>
        old.includes(name)
          ? "NOT_FOUND: Unknown database 'nope' in vschema"
          : "NOT_FOUND: VT05003: unknown database 'nope' in vschema",
      ),
    );
    expect(await onAll("in_keyrange(id, 'commerce.hash', '-80')")).toEqual(
      everywhere(() => "UNKNOWN: vindex commerce.hash not found"),
    );
    expect(await refused("in_keyrange(id, 'a.b.c', '-80')")).toBe("UNKNOWN: invalid vindex name: a.b.c");
  });

  it("is looked for in the tablet's own cell alone, which may have no SrvVSchema", async () => {
    await cluster.topo.put("topodata.CellInfo", "cells/zy/CellInfo", {
      server_address: cluster.etcd.endpoint,
      root: "/vitess/zy",
    });
    const [own, other] = await Promise.all(["zx", "zy"].map((name) => cluster.topo.cell(name)));
    const keyspaces = { customer: { vindexes: { hash: { type: "hash" } } } };
    await other?.put("vschema.SrvVSchema", "SrvVSchema", { keyspaces });
    expect(await refused("in_keyrange(id, 'customer.hash', '-80')")).toContain("unknown database 'customer'");
    await own?.delete("SrvVSchema");
    expect(await refused("in_keyrange(id, 'customer.hash', '-80')")).toContain("unknown database 'customer'");
    expect(await refused("in_keyrange('-80')")).toBe("UNKNOWN: keyspace commerce not found in vschema");
    expect(await there("in_keyrange(id, 'hash', '80-')")).toEqual(["4"]);
  });
});

describe("a bare vindex name", () => {
  it("is the one keyspace's that has it, whatever its type", async () => {
    await vschema({ commerce: {}, customer: { vindexes: { hash: { type: "numeric" }, nm: { type: "numeric" } } } });
    expect(await there("in_keyrange(id, 'nm', '-80')")).toEqual(["1", "2", "3", "4", "5"]);
    expect(await there("in_keyrange(id, 'hash', '-80')")).toEqual(["1", "2", "3", "4", "5"]);
  });

  it("is refused as ambiguous when two keyspaces have it, but for those with explicit routing", async () => {
    const vindexes = { hash: { type: "hash" } };
    await vschema({ a: { vindexes }, b: { vindexes } });
    expect(await onAll("in_keyrange(id, 'hash', '-80')")).toEqual(
      everywhere((name) =>
        coded.includes(name)
          ? "FAILED_PRECONDITION: ambiguous vindex reference: hash"
          : "UNKNOWN: ambiguous vindex reference: hash",
      ),
    );
    await vschema({ a: { vindexes }, b: { vindexes, require_explicit_routing: true } });
    expect(await there("in_keyrange(id, 'hash', '80-')")).toEqual(["4"]);
  });

  it.each([
    ["hash", "80-", ["4"]],
    ["xxhash", "d4-d5", ["1"]],
    ["xxhash", "8b-8c", ["2"]],
    ["numeric", "-0000000000000003", ["1", "2"]],
    ["reverse_bits", "80-", ["1", "3", "5"]],
    ["null", "01-", []],
  ])("is a type when no keyspace has it: %s into %s", async (type, range, expected) => {
    for (const name of names) expect(await there(`in_keyrange(id, '${type}', '${range}')`, name)).toEqual(expected);
  });

  it("must be a type that the version knows and that needs no parameters", async () => {
    expect(await refused("in_keyrange(id, 'nope', '-80')")).toBe('UNKNOWN: vindexType "nope" not found');
    expect(await onAll("in_keyrange(id, 'multicol', '-80')")).toEqual(
      everywhere((name) =>
        name === "v11"
          ? 'UNKNOWN: vindexType "multicol" not found'
          : "INVALID_ARGUMENT: number of columns not provided in the parameter 'column_count'",
      ),
    );
    const { v16, v18 } = await onAll("in_keyrange(id, 'numeric_static_map', '-80')");
    expect(v16).toBe("UNKNOWN: NumericStaticMap: Could not find `json_path` param in vschema");
    expect(v18).toContain("INVALID_ARGUMENT: NumericStaticMap: Could not find either `json_path` or `json`");
  });
});

describe("a vindex that streams can't use", () => {
  it("is refused when it isn't unique", async () => {
    const text = "INTERNAL: vindex must be Unique to be used for VReplication";
    await vschema({ customer: { vindexes: { l: { type: "lookup" } } } });
    expect(await onAll("in_keyrange(id, 'customer.l', '-80')")).toEqual(everywhere(() => `${text}: customer.l`));
    expect(await refused("in_keyrange(id, 'consistent_lookup', '-80')")).toBe(`${text}: consistent_lookup`);
  });

  it("fails at the first row when it is a unique lookup", async () => {
    const type = "lookup_unique";
    await vschema({ commerce: { vindexes: { u: { type }, w: { type, params: { write_only: "true" } } } } });
    expect(await onAll("in_keyrange(id, 'u', '-80')")).toEqual(
      everywhere((name) =>
        ["v22", "main"].includes(name)
          ? "INTERNAL: VT13001: [BUG] cannot perform lookup: no vcursor provided"
          : "UNKNOWN: cannot perform lookup: no vcursor provided",
      ),
    );
    expect(await refused("in_keyrange(id, 'w', '-80')")).toBe(
      "UNKNOWN: could not map [INT64(1)] to a keyspace id, got destination DestinationKeyRange(-)",
    );
    expect(await refused("in_keyrange(id, 'consistent_lookup_unique', '-80')")).toContain("uncaught panic");
  });

  it("is missing, with the rest of its keyspace, when it doesn't build", async () => {
    const vindexes = { a: { type: "hash" }, b: { type: "numeric_static_map", params: { json_path: "/x.json" } } };
    const table = { column_vindexes: [{ column: "id", name: "a" }] };
    await vschema({ commerce: { sharded: true, vindexes, tables: { t: table } } });
    expect(await there("in_keyrange(id, 'commerce.a', '80-')")).toEqual(["4"]);
    expect(await refused("in_keyrange(id, 'commerce.b', '-80')")).toBe("UNKNOWN: vindex commerce.b not found");
    expect(await refused("in_keyrange('-80')")).toBe("UNKNOWN: table t not found");
  });
});

describe("a key range alone", () => {
  const vindexes = {
    bits: { type: "reverse_bits" },
    free: { type: "numeric" },
    hash: { type: "hash" },
    lookup: { type: "lookup_unique", owner: "t" },
    null: { type: "null" },
  };
  const withVindexes = (...columns: string[]) =>
    vschema({
      commerce: {
        sharded: true,
        vindexes,
        tables: { t: { column_vindexes: columns.map((name) => ({ column: "id", name })) } },
      },
    });

  it("uses the table's cheapest vindex, of equals the first, and no lookup", async () => {
    await withVindexes("hash", "bits");
    expect(await there("in_keyrange('80-')")).toEqual(["4"]);
    await withVindexes("bits", "hash");
    expect(await there("in_keyrange('80-')")).toEqual(["1", "3", "5"]);
    await withVindexes("null", "lookup", "hash");
    expect(await there("in_keyrange('80-')")).toEqual(["4"]);
    await withVindexes("hash", "free");
    expect(await there("in_keyrange('80-')")).toEqual([]);
  });

  it("uses the tablet's own keyspace alone", async () => {
    const table = { column_vindexes: [{ column: "id", name: "hash" }] };
    await vschema({ commerce: {}, customer: { sharded: true, vindexes, tables: { t: table } } });
    expect(await refused("in_keyrange('-80')")).toBe("UNKNOWN: table t not found");
  });

  it("is refused for a table without a vindex that a stream could use", async () => {
    await vschema({ commerce: { tables: { t: {} } } });
    expect(await onAll("in_keyrange('-80')")).toEqual(
      everywhere((name) => `${coded.includes(name) ? "INVALID_ARGUMENT" : "UNKNOWN"}: table t has no vindex`),
    );
    await vschema({
      commerce: {
        vindexes: { lookup: { type: "lookup_unique" } },
        tables: { t: { column_vindexes: [{ column: "id", name: "lookup" }] } },
      },
    });
    expect(await onAll("in_keyrange('-80')")).toEqual(
      everywhere((name) => {
        const code = coded.includes(name) ? "NOT_FOUND" : "UNKNOWN";
        return `${code}: could not find a vindex to compute keyspace id for table t`;
      }),
    );
  });

  it("says which column of the vindex the table hasn't", async () => {
    await vschema({
      commerce: { sharded: true, vindexes, tables: { t: { column_vindexes: [{ column: "nope", name: "hash" }] } } },
    });
    expect(await onAll("in_keyrange('-80')")).toEqual(
      everywhere((name) => {
        const code = ["v22", "main"].includes(name) ? "FAILED_PRECONDITION" : "UNKNOWN";
        return `${code}: column nope not found in table t`;
      }),
    );
  });
});

describe("in_keyrange's arguments", () => {
  it("may be several columns for a vindex of several, and are else the first alone", async () => {
    await vschema({ c: { vindexes: { mc: { type: "multicol", params: { column_count: "2" } } } } });
    // hash(1) begins with 166b40b4, hash(4) with d2fd8867.
    expect(await there("in_keyrange(id, n, 'c.mc', '-80')").catch((error) => error.details)).toContain(
      "could not map [INT64(1) DECIMAL(1.0)]",
    );
    expect(await there("in_keyrange(id, id, 'c.mc', '80-')")).toEqual(["4"]);
    expect(await there("in_keyrange(id, id, 'c.mc', '166b40b4166b40b4-166b40b5')")).toEqual(["1"]);
    expect(await there("in_keyrange(id, name, 'hash', '80-')")).toEqual(["4"]);
  });

  it("fail the stream when a vindex gets too few or too many", async () => {
    await vschema({ c: { vindexes: { mc: { type: "multicol", params: { column_count: "2" } } } } });
    expect(await refused("in_keyrange(id, 'c.mc', '-80')")).toBe(
      "UNKNOWN: could not map [INT64(1)] to a keyspace id, got destination DestinationKeyRange(166b40b4-166b40b5)",
    );
    expect(await refused("in_keyrange(id, name, n, 'c.mc', '-80')")).toBe(
      'UNKNOWN: could not map [INT64(1) VARCHAR("a") DECIMAL(1.0)] to a keyspace id, got destination DestinationNone()',
    );
  });

  it("are columns, a name and a key range", async () => {
    expect(await refused("in_keyrange(id, '-80')")).toBe(
      "INTERNAL: [BUG] unexpected in_keyrange parameters: id, '-80'",
    );
    expect(await refused("in_keyrange('id', 'hash', '-80')")).toBe(
      "INTERNAL: [BUG] unexpected: *sqlparser.Literal 'id'",
    );
    expect(await refused("in_keyrange(t.id, 'hash', '-80')")).toBe(
      "UNIMPLEMENTED: unsupported qualifier for column: t.id",
    );
    expect(await refused("in_keyrange(nope, 'hash', '-80')")).toBe(
      "FAILED_PRECONDITION: column nope not found in table t",
    );
    const range = (text: string) => refused(`in_keyrange(id, 'hash', '${text}')`);
    expect(await range("x")).toBe(`UNKNOWN: malformed spec: doesn't define a range: "x"`);
    expect(await range("80-40")).toBe('UNKNOWN: malformed spec: shard limits should be in order: "80-40"');
    expect(await range("-40-80")).toBe("UNKNOWN: unexpected in_keyrange parameter: '-40-80'");
    expect(await range("8-")).toBe("UNKNOWN: encoding/hex: odd length hex string");
    expect(await range("zz-")).toBe("UNKNOWN: encoding/hex: invalid byte: U+007A 'z'");
    expect(await there("in_keyrange(id, 'hash', '0')")).toEqual(["1", "2", "3", "4", "5"]);
  });
});

describe("a row without a keyspace id", () => {
  it("fails the stream", async () => {
    const odd = (column: string, type: string) =>
      refusal(`select * from odd where in_keyrange(${column}, '${type}', '-')`);
    expect(await odd("id", "hash")).toBe("rows -1,1");
    expect(await odd("id", "numeric")).toBe(
      "UNKNOWN: could not map [INT32(-1)] to a keyspace id, got destination DestinationNone()",
    );
    expect(await odd("u", "hash")).toBe(
      "UNKNOWN: could not map [NULL] to a keyspace id, got destination DestinationNone()",
    );
    expect(await odd("name", "hash")).toBe(
      'UNKNOWN: could not map [VARCHAR("x\\"y")] to a keyspace id, got destination DestinationNone()',
    );
    expect(await odd("u", "binary")).toBe(
      "UNKNOWN: could not map [NULL] to a keyspace id, got destination DestinationKeyspaceID()",
    );
    expect(await odd("u", "xxhash")).toBe("rows -1,1");
  });
});
