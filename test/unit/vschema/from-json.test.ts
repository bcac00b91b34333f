import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.js";
import { readVSchemaJson } from "../../../src/vschema/from-json.js";

function refusal(text: string, file?: string): { message: string; hint: string | undefined } {
  try {
    readVSchemaJson(text, { allowUnknown: false, ...(file === undefined ? {} : { file }) });
  } catch (error) {
    if (error instanceof UsageError) return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

describe("names and types", () => {
  it("takes camelCase and snake_case, and leaves null out", () => {
    const text = `{
      "sharded": true,
      "requireExplicitRouting": true,
      "foreign_key_mode": "managed",
      "vindexes": {"hash": {"type": "hash", "params": {"a": "b"}, "owner": null}},
      "tables": {
        "t": {
          "column_vindexes": [{"column": "id", "name": "hash"}],
          "autoIncrement": {"column": "id", "sequence": "seq"},
          "columns": [{"name": "c", "type": "VARCHAR", "nullable": false, "size": 10, "scale": "2", "values": ["x"]}, {"type": 257}],
          "columnListAuthoritative": true
        }
      }
    }`;
    expect(readVSchemaJson(text, { allowUnknown: false })).toEqual({
      dropped: [],
      vschema: {
        sharded: true,
        require_explicit_routing: true,
        foreign_key_mode: "managed",
        vindexes: { hash: { type: "hash", params: { a: "b" } } },
        tables: {
          t: {
            column_vindexes: [{ column: "id", name: "hash" }],
            auto_increment: { column: "id", sequence: "seq" },
            columns: [
              { name: "c", type: "VARCHAR", nullable: false, size: 10, scale: 2, values: ["x"] },
              { type: 257 },
            ],
            column_list_authoritative: true,
          },
        },
      },
    });
  });

  it("takes a byte order mark and any blanks", () => {
    expect(readVSchemaJson("\ufeff \r\n{\t}\n", { allowUnknown: false }).vschema).toEqual({});
  });

  it.each([
    ['{"sharded": "yes"}', 'proto: (line 1:13): invalid value for bool field sharded: "yes" at sharded'],
    [
      '{"tables": {"t": {"pinned": 80}}}',
      "proto: (line 1:29): invalid value for string field pinned: 80 at tables.t.pinned",
    ],
    [
      '{"tables": {"t": {"columns": [{"size": 1.5}]}}}',
      "proto: (line 1:40): invalid value for int32 field size: 1.5 at tables.t.columns[0].size",
    ],
    [
      '{"tables": {"t": {"columns": [{"size": 2147483648}]}}}',
      "proto: (line 1:40): invalid value for int32 field size: 2147483648 at tables.t.columns[0].size",
    ],
    [
      '{"foreign_key_mode": "manged"}',
      'proto: (line 1:22): invalid value for enum field foreignKeyMode: "manged" at foreign_key_mode',
    ],
    ['{"tables": []}', "proto: syntax error (line 1:12): unexpected token [ at tables"],
    ['{"tables": {"t": null}}', "proto: syntax error (line 1:18): unexpected token null at tables.t"],
    ["[]", "proto: syntax error (line 1:1): unexpected token ["],
    ['"x"', 'proto: syntax error (line 1:1): unexpected token "x"'],
  ])("%s", (text, message) => {
    expect(refusal(text).message).toBe(message);
  });
});

describe("unknown and duplicate fields", () => {
  const text = '{\n  "tables": {\n    "t 1": {"column_vindexs": []}\n  }\n}';

  it("names the path, the position and the nearest field", () => {
    expect(refusal(text, "vs.json")).toEqual({
      message: 'vs.json: proto: (line 3:13): unknown field "column_vindexs" at tables["t 1"].column_vindexs',
      hint: 'Did you mean "columnVindexes"? With -allow_unknown such fields are dropped.',
    });
  });

  it("drops them when told to, with a sentence each", () => {
    expect(readVSchemaJson('{"a": {"b": [1]}, "sharded": true, "c": 2}', { allowUnknown: true })).toEqual({
      vschema: { sharded: true },
      dropped: ['(line 1:2): unknown field "a" at a is dropped', '(line 1:36): unknown field "c" at c is dropped'],
    });
  });

  it.each([
    ['{"sharded": true, "sharded": false}', 'proto: (line 1:19): duplicate field "sharded" at sharded'],
    [
      '{"tables": {"t": {"columnVindexes": [], "column_vindexes": []}}}',
      'proto: (line 1:41): duplicate field "column_vindexes" at tables.t.column_vindexes',
    ],
    ['{"tables": {"t": {}, "t": {}}}', 'proto: (line 1:22): duplicate map key "t" at tables.t'],
  ])("%s", (duplicate, message) => {
    expect(refusal(duplicate).message).toBe(message);
  });
});

describe("syntax errors", () => {
  it.each([
    ["{bad", "(line 1:2): invalid value bad"],
    ["", "(line 1:1): unexpected token "],
    [" \n", "(line 2:1): unexpected token "],
    ["{", "(line 1:2): unexpected EOF"],
    ['{"sharded": true', "(line 1:17): unexpected EOF"],
    ['{"sharded": tru}', "(line 1:13): invalid value tru"],
    ['{"sharded": 01}', "(line 1:13): unexpected token 01"],
    ['{"sharded" true}', '(line 1:12): unexpected character t, missing ":" after field name'],
    ['{"sharded": true,}', "(line 1:18): unexpected token }"],
    ['{"a": 1} x', "(line 1:10): invalid value x"],
    ['{\n\n  "ä": "\\x"}', "(line 3:9): invalid escape code \\x"],
    ['{"a": "b\nc"}', '(line 1:9): invalid character "\\n" in string'],
    ['{"a": "b', "(line 1:9): unexpected EOF"],
    ["{'a': 1}", "(line 1:2): invalid value '"],
    ["[".repeat(200), "(line 1:101): exceeded max recursion depth"],
  ])("%j", (text, problem) => {
    expect(refusal(text).message).toBe(`proto: syntax error ${problem}`);
  });
});
