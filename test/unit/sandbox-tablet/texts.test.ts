import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import { bindVariables } from "../../../src/sandbox/tablet/query/bind.js";
import { splitScript } from "../../../src/sandbox/tablet/script.js";
import { formatLastKey, parseLastKey } from "../../../src/sandbox/tablet/vreplication/copy-state.js";
import { parseTabletTypes } from "../../../src/sandbox/tablet/vreplication/picker.js";
import { matches, queryFor } from "../../../src/sandbox/tablet/vstream/rules.js";

describe("a script", () => {
  it("is split at semicolons that separate, with the line of each statement", () => {
    const script = "USE `a;b`;\nset x = ';' ; -- a; comment\n/* ; */ create table t (\n  a int)\n;\n\ndrop table t";
    expect(splitScript(script)).toEqual([
      { sql: "USE `a;b`", line: 1 },
      { sql: "set x = ';'", line: 2 },
      { sql: "-- a; comment\n/* ; */ create table t (\n  a int)", line: 2 },
      { sql: "drop table t", line: 7 },
    ]);
  });
});

describe("bind variables", () => {
  it("are put in as literals, and only where they stand for something", () => {
    const sql = "select ':a', `:a`, :a from t where b in ::b /* :a */ and c = :c";
    const bound = bindVariables(sql, {
      a: { type: "VARCHAR", value: Buffer.from("it's"), values: [] },
      b: {
        type: "TUPLE",
        value: Buffer.alloc(0),
        values: [
          { type: "INT64", value: Buffer.from("1") },
          { type: "VARBINARY", value: Buffer.from([0xff]) },
        ],
      },
      c: { type: "NULL_TYPE", value: Buffer.alloc(0), values: [] },
    });
    expect(bound).toBe("select ':a', `:a`, 'it\\'s' from t where b in (1, x'ff') /* :a */ and c = null");
  });

  it("that are missing are named", () => {
    expect(() => bindVariables("select :x", { a: { type: "INT64", value: Buffer.from("1"), values: [] } })).toThrow(
      "missing bind var x",
    );
  });
});

describe("copy_state.lastpk", () => {
  it("has the prototext of a query.QueryResult", () => {
    const key = {
      fields: [{ name: "sku", type: "VARBINARY" as const, charset: 63, flags: 20611 }],
      row: [Buffer.from('SKU-"1')],
    };
    expect(formatLastKey(key)).toBe(
      'fields:{name:"sku" type:VARBINARY charset:63 flags:20611} rows:{lengths:6 values:"SKU-\\"1"}',
    );
  });

  it("gives back any values", () => {
    const value = fc.option(fc.uint8Array().map((bytes) => Buffer.from(bytes)));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1 }), (row) => {
        const fields = row.map((_, i) => ({ name: `c${i}`, type: "VARBINARY" as const }));
        expect(parseLastKey(formatLastKey({ fields, row })).row).toEqual(row);
      }),
    );
  });
});

describe("tablet types of a stream", () => {
  it("are parsed as each version does", () => {
    expect(parseTabletTypes("in_order:REPLICA,PRIMARY", profiles.v22)).toEqual({
      types: ["REPLICA", "PRIMARY"],
      inOrder: true,
    });
    expect(parseTabletTypes("master,replica,rdonly", profiles.v11).types).toEqual(["PRIMARY", "REPLICA", "RDONLY"]);
    expect(() => parseTabletTypes("primary", profiles.v11)).toThrow("failed to parse list of tablet types: primary");
    expect(() => parseTabletTypes("in_order:replica", profiles.v11)).toThrow("failed to parse");
    expect(parseTabletTypes("Spare,REPLICA", profiles.v22).types).toEqual(["REPLICA"]);
    expect(() => parseTabletTypes("replica, primary", profiles.v22)).toThrow("failed to parse");
  });
});

describe("filter rules", () => {
  it("match names exactly and regular expressions in slashes", () => {
    expect(matches("customer", "customer2")).toBe(false);
    expect(matches("/cust/", "customer2")).toBe(true);
    expect(queryFor([{ match: "a", filter: "" }], "a")).toBe("select * from a");
    expect(queryFor([{ match: "/.*/", filter: "-80" }], "order")).toBe(
      "select * from `order` where in_keyrange('-80')",
    );
    const rules = [
      { match: "a", filter: "exclude" },
      { match: "/.*/", filter: "" },
    ];
    expect(queryFor(rules, "a")).toBeUndefined();
    expect(queryFor(rules, "b")).toBe("select * from b");
  });
});
