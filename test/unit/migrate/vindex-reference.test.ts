import { describe, expect, it } from "vitest";
import { referenceFinder } from "../../../src/migrate/create/routes/vindex-reference.js";
import type { MessageInput } from "../../../src/wire/proto.js";
import { srvVSchema } from "../../support/vschemas.js";

type Keyspaces = Record<string, MessageInput<"vschema.Keyspace">>;

const hash = { type: "hash", params: {} };
const multicol = { type: "multicol", params: { column_count: "2" } };

function find(wanted: { type: string; params: Record<string, string> }, ...cells: Keyspaces[]) {
  const named = cells.map((keyspaces, index) => ({ cell: `z${index}`, vschema: srvVSchema(keyspaces) }));
  return referenceFinder("src", named).find(wanted, { name: "t", columns: ["Id"] });
}

describe("a vindex reference", () => {
  it("is the source keyspace's first, by whatever name", () => {
    const other = { vindexes: { a: { type: "hash" } } };
    const source = { vindexes: { x: { type: "xxhash" }, h: { type: "hash" } } };
    expect(find(hash, { a_first: other, src: source })).toEqual({ name: "src.h" });
  });

  it("is another keyspace's next", () => {
    expect(find(hash, { b: { vindexes: { h: { type: "hash" } } }, src: {} })).toEqual({ name: "b.h" });
    expect(find(multicol, { b: { vindexes: { m: multicol } }, src: {} })).toEqual({ name: "b.m" });
  });

  it("needs equal parameters", () => {
    const three = { type: "multicol", params: { column_count: "3" } };
    expect(find(multicol, { src: { vindexes: { m: three } } })).toBeUndefined();
  });

  it("is the bare type when nothing else has that name", () => {
    expect(find(hash, {})).toEqual({ name: "hash" });
    expect(find(hash, { src: {}, other: {} })).toEqual({ name: "hash" });
    expect(find(multicol, { src: {} })).toBeUndefined();
  });

  it("is not a bare type that means something else, or two things", () => {
    const taken = { vindexes: { hash: { type: "xxhash" } } };
    expect(find(hash, { src: taken })).toBeUndefined();
    // Its own name is what makes a reference here; the bare one would be ambiguous.
    const two = { require_explicit_routing: false, vindexes: { hash: { type: "xxhash" } } };
    expect(find(hash, { a: two, b: two })).toBeUndefined();
    expect(find(hash, { a: { ...two, require_explicit_routing: true } })).toEqual({ name: "hash" });
    const own = { vindexes: { hash: { type: "hash" } } };
    expect(find(hash, { a: own }, {})).toEqual({ name: "hash" });
    expect(find(hash, { a: own, b: own }, {})).toBeUndefined();
  });

  it("resolves alike in each cell, and falls back until it does", () => {
    const has = (name: string) => ({ src: { vindexes: { [name]: { type: "hash" } } } });
    expect(find(hash, has("h"), has("h"))).toEqual({ name: "src.h" });
    expect(find(hash, has("h"), has("g"))).toEqual({ name: "hash" });
    expect(find(hash, has("h"), { src: { vindexes: { h: { type: "xxhash" } } } })).toEqual({ name: "hash" });
    const stale = { src: { vindexes: { h: { type: "hash" }, hash: { type: "binary" } } } };
    expect(find(hash, stale, { src: {} })).toBeUndefined();
  });

  it("is left out where the source's table has that very vindex under different names", () => {
    const table = (name: string, column: string) => ({
      src: {
        sharded: true,
        vindexes: { [name]: { type: "hash" }, hash: { type: "binary" } },
        tables: { t: { column_vindexes: [{ column, name }] } },
      },
    });
    expect(find(hash, table("a", "id"), table("b", "ID"))).toEqual({ own: true });
    expect(find(hash, table("a", "id"), table("b", "other"))).toBeUndefined();
  });

  it("keeps away from names that can't be written, and from keyspaces that can't be built", () => {
    expect(find(multicol, { src: { vindexes: { "a.b": multicol } } })).toBeUndefined();
    const broken = { type: "multicol", params: {} };
    expect(find(multicol, { src: { vindexes: { m: multicol, x: broken } } })).toBeUndefined();
    expect(find(multicol, { src: { vindexes: { m: multicol, x: { type: "newer" } } } })).toEqual({ name: "src.m" });
  });

  it("is never one that vstreamers refuse", () => {
    const lookup = { type: "lookup_unique", params: { table: "l", from: "c", to: "k" } };
    expect(find(lookup, { src: { vindexes: { l: lookup } } })).toBeUndefined();
  });

  it("works without any SrvVSchema", () => {
    expect(find(hash)).toEqual({ name: "hash" });
    expect(find(multicol)).toBeUndefined();
  });
});
