import { describe, expect, test } from "vitest";
import { ConflictError, PreflightError, UsageError, VtmigrateError } from "../../../src/errors.js";
import { isTableSpec, parseTableSpec, requireSpecFits, withSpec } from "../../../src/vschema/table-spec.js";
import type { Keyspace } from "../../../src/wire/generated/vschema/Keyspace.js";
import { decode, encode } from "../../../src/wire/proto.js";

/** What `act` throws, of exactly this class. */
function failure(act: () => unknown, type: typeof ConflictError | typeof PreflightError | typeof UsageError) {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(type);
    if (error instanceof VtmigrateError) return error;
  }
  throw new Error("nothing was refused");
}

const vschema = (keyspace: Keyspace) => decode("vschema.Keyspace", encode("vschema.Keyspace", keyspace));
const sharded = vschema({
  sharded: true,
  vindexes: { hash: { type: "hash" }, names: { type: "lookup", owner: "customer" } },
  tables: { corder: { column_vindexes: [{ column: "customer_id", name: "hash" }] } },
});
const customer = `{"customer": {"columnVindexes": [{"column": "customer_id", "name": "hash"}]}}`;

describe("reading a spec", () => {
  test("both spellings of the fields give the same entries, in bytes as Vitess stores them", () => {
    const camel = parseTableSpec(
      `{"customer": {"columnVindexes": [{"column": "id", "name": "hash"}], "autoIncrement": {"column": "id", "sequence": "seq"}}, "seq": {"type": "sequence"}}`,
    );
    const snake = parseTableSpec(
      `{"customer": {"column_vindexes": [{"column": "id", "name": "hash"}], "auto_increment": {"column": "id", "sequence": "seq"}}, "seq": {"type": "sequence"}}`,
    );
    expect(camel.names).toEqual(["customer", "seq"]);
    expect(camel.tables).toEqual(snake.tables);
    expect(camel.tables.customer?.auto_increment).toEqual({ column: "id", sequence: "seq" });
    expect(camel.definitions.get("customer")).toEqual(
      encode("vschema.Table", {
        column_vindexes: [{ column: "id", name: "hash" }],
        auto_increment: { column: "id", sequence: "seq" },
      }),
    );
    expect(camel.definitions.get("seq")).toEqual(encode("vschema.Table", { type: "sequence" }));
  });

  test("an entry may be empty, and a table may have any name", () => {
    const spec = parseTableSpec(`{"a b": {}, "__proto__": {"pinned": "80"}, "10": {}}`);
    expect(spec.names.sort()).toEqual(["10", "__proto__", "a b"]);
    expect(spec.definitions.get("a b")).toEqual(Buffer.alloc(0));
    expect(Object.getOwnPropertyDescriptor(spec.tables, "__proto__")?.value.pinned).toBe("80");
  });

  test.each([
    ["{product, customer}", "-tables: proto: syntax error (line 1:2): invalid value product"],
    [`{"customer": {}`, "-tables: proto: syntax error (line 1:16): unexpected EOF"],
    [`["customer"]`, "-tables: proto: syntax error (line 1:1): unexpected token ["],
    [`{"customer": null}`, "-tables: proto: syntax error (line 1:14): unexpected token null at customer"],
    [`{"customer": "hash"}`, `-tables: proto: syntax error (line 1:14): unexpected token "hash" at customer`],
    [`{\n "customer": {"colum": 1}}`, `-tables: proto: (line 2:15): unknown field "colum" at customer.colum`],
    [`{"a": {}, "a": {}}`, `-tables: proto: (line 1:11): duplicate map key "a" at a`],
    [`{"a": {"pinned": 8}}`, "-tables: proto: (line 1:18): invalid value for string field pinned: 8 at a.pinned"],
    ["{}", "-tables: the table spec names no tables"],
    [`{"": {}}`, "-tables: the table spec has a table without a name"],
  ])("%s is refused with its place", (text, message) => {
    const error = failure(() => parseTableSpec(text), UsageError);
    expect(error.message).toBe(message);
    expect(error.hint).not.toMatch(/allow_unknown/);
    expect(error.hint).toMatch(/Did you mean|-tables '/);
  });

  test("a whole VSchema is told from a spec", () => {
    const error = failure(() => parseTableSpec(`{"sharded": true, "tables": {"customer": {}}}`), UsageError);
    expect(error.hint).toContain(`below "tables"`);
    expect(parseTableSpec(`{"tables": {"pinned": "80"}}`).names).toEqual(["tables"]);
  });

  test("names are told from a spec by how the text begins", () => {
    expect(["product,customer", "", "a{b}"].map(isTableSpec)).toEqual([false, false, false]);
    expect(["{}", ` {"a":{}}`, "[]"].map(isTableSpec)).toEqual([true, true, true]);
  });
});

describe("a spec and the target's VSchema", () => {
  test("what fits is taken, and is in the VSchema as it will be", () => {
    const spec = parseTableSpec(customer);
    requireSpecFits(spec, "commerce", sharded);
    const merged = withSpec(sharded, spec);
    expect(Object.keys(merged.tables).sort()).toEqual(["corder", "customer"]);
    expect(merged.tables.customer?.column_vindexes).toEqual([{ column: "customer_id", name: "hash", columns: [] }]);
    expect(merged.vindexes).toEqual(sharded.vindexes);
    expect(Object.keys(sharded.tables)).toEqual(["corder"]);
  });

  test("an entry that is there is kept, and one that says the same in other words is no conflict", () => {
    const same = parseTableSpec(`{"corder": {"columnVindexes": [{"columns": ["customer_id"], "name": "hash"}]}}`);
    requireSpecFits(same, "commerce", sharded);
    expect(withSpec(sharded, same).tables.corder).toBe(sharded.tables.corder);
  });

  test("entries that differ are a conflict that names them all", () => {
    const spec = parseTableSpec(`{"corder": {"columnVindexes": [{"column": "order_id", "name": "hash"}]}, "x": {}}`);
    const target = vschema({ ...sharded, tables: { ...sharded.tables, x: { type: "reference" } } });
    const error = failure(() => requireSpecFits(spec, "commerce", target), ConflictError);
    expect(error.message).toContain("corder, x have other entries in the VSchema of commerce than -tables gives");
    expect(error.hint).toContain("vtmigrate GetVSchema commerce");
  });

  test.each([
    [`{"customer": {}}`, "missing primary col vindex for table: customer"],
    [`{"customer": {"columnVindexes": [{"column": "id", "name": "md5"}]}}`, "vindex md5 not found for table customer"],
    [
      `{"t": {"columnVindexes": [{"name": "hash"}]}}`,
      "must specify at least one column for vindex (hash) and table (t)",
    ],
    [`{"t": {"type": "sequence"}}`, "sequence table has to be in an unsharded keyspace or must be pinned: t"],
    [
      `{"customer": {"columnVindexes": [{"column": "name", "name": "names"}]}}`,
      "primary vindex names is not Unique for table customer",
    ],
  ])("%s does not fit a sharded keyspace", (text, message) => {
    const error = failure(() => requireSpecFits(parseTableSpec(text), "commerce", sharded), PreflightError);
    expect(error.message).toBe(`-tables does not fit the VSchema of commerce: ${message}`);
    expect(error.hint).toContain("vtmigrate ApplyVSchema");
  });

  test("what else is wrong in the target's VSchema doesn't matter", () => {
    const target = vschema({
      ...sharded,
      vindexes: { ...sharded.vindexes, odd: { type: "of_tomorrow" } },
      tables: { old: {} },
    });
    requireSpecFits(parseTableSpec(customer), "commerce", target);
    const odd = parseTableSpec(`{"customer": {"columnVindexes": [{"column": "id", "name": "odd"}]}}`);
    const error = failure(() => requireSpecFits(odd, "commerce", target), PreflightError);
    expect(error.message).toContain(`vindexType "of_tomorrow" not found`);
  });

  test("on an unsharded target entries need no vindexes", () => {
    const spec = parseTableSpec(`{"customer": {}, "customer_seq": {"type": "sequence"}}`);
    requireSpecFits(spec, "commerce", vschema({}));
  });
});
