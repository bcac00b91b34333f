/** GetVSchema, and ApplyVSchema of JSON documents. */
import type { Case, Difference, Table } from "../case.js";
import { noVSchema, type TextFile, textFile } from "../given.js";
import { names } from "../reasons.js";

const document = {
  sharded: true,
  vindexes: {
    hash: { type: "hash" },
    lookup: {
      type: "consistent_lookup_unique",
      params: { table: "shop.lk", from: "a", to: "keyspace_id" },
      owner: "owned",
    },
    text: { type: "unicode_loose_xxhash" },
    region: { type: "region_experimental", params: { region_bytes: "1" } },
  },
  tables: {
    columns: {
      column_vindexes: [{ column: "id", name: "hash" }],
      auto_increment: { column: "id", sequence: "commerce.seq" },
      columns: [
        { name: "a", type: "VARCHAR" },
        { name: "b", type: "INT64" },
      ],
      column_list_authoritative: true,
    },
    owned: {
      columnVindexes: [
        { columns: ["a"], name: "text" },
        { columns: ["b"], name: "lookup" },
      ],
    },
    everywhere: { type: "reference", source: "commerce.everywhere" },
    two: { columnVindexes: [{ columns: ["a", "b"], name: "region" }] },
  },
};

const written = ["topology /vitess/global/keyspaces/commerce/VSchema", "topology /vitess/zone1/SrvVSchema"];
const unknownFields: Difference = {
  in: ["exit", "error", "stdout"],
  because: "Fields that the VSchema format doesn't have are refused with their place in the file",
};
const unknownNames: Difference = {
  in: ["exit", "error", "stdout"],
  because: "Unknown names of types and foreign key modes are always refused",
};
const place: Difference = { in: ["error"], because: "A mistake in a JSON text is reported with its path" };
const oneOfFour: Difference = {
  in: ["error"],
  because: "More than one of `-sql`, `-sql_file`, `-vschema` and `-vschema_file` is refused as such.",
};
const dryRun: Difference = {
  in: ["exit", "error", "stdout"],
  because: "The keyspace must exist for a dry run too.",
};
const cells: Difference = {
  in: ["error", "topology /vitess/global/keyspaces/commerce/VSchema"],
  because: "`-cells` are checked before anything is written",
};
const spelling: Difference = {
  in: ["exit", "error", "stdout"],
  because: "Flags parse in every spelling that any release took",
};

/** ApplyVSchema of a text to a keyspace: the unsharded commerce or the sharded shop. */
function applied(keyspace: "commerce" | "shop", text: string, more: Partial<Case> & { flags?: string[] } = {}): Case {
  const { flags = [], ...rest } = more;
  return { line: ["ApplyVSchema", "--vschema", text, ...flags, keyspace], ...rest };
}

function ofFile(file: TextFile, keyspace: string, differs: Difference[] = []): Case {
  return { line: ["ApplyVSchema", "--vschema_file", file.path, keyspace], given: [file], differs };
}

const table = '{"tables":{"items":{}}}';

const cases: Case[] = [
  { line: "GetVSchema commerce" },
  { line: "GetVSchema shop" },
  { line: "GetVSchema nope" },
  { line: "GetVSchema" },
  { line: "GetVSchema a b" },
  { line: "GetVSchema --flag commerce" },
  { line: "GetVSchema bad/name", differs: [{ ...names, in: ["error"] }] },
  { line: "GetVSchema commerce", name: "GetVSchema of a keyspace that has none", given: [noVSchema] },

  applied("commerce", "{}"),
  applied("commerce", table),
  applied("commerce", '{"tables":{"items":{},"Other":{},"two words":{},"ü<&>":{}}}'),
  applied("shop", JSON.stringify(document), { name: "ApplyVSchema of everything" }),
  ofFile(textFile("document.json", JSON.stringify(document, null, 2)), "shop"),
  applied("commerce", '{"requireExplicitRouting":true,"foreign_key_mode":"managed"}'),
  applied("commerce", '{"tables":{"t":{"type":"sequence"},"u":{"columnListAuthoritative":true}}}'),
  applied("commerce", '{"tables":{"t":{"columns":[{"name":"a","type":265}],"autoIncrement":{"column":"id"}}}}'),
  applied("commerce", '{"tables":null}'),
  applied("commerce", '{"vindexes":{"h":{"type":"hash"}}}'),
  applied("shop", '{"sharded":true,"tables":{"t":{"pinned":"00"},"r":{"type":"reference","source":"shop.r"}}}'),
  applied("shop", '{"sharded":true,"vindexes":{"h":{"type":"hash","params":{"nope":"1"},"owner":"t"}}}'),
  applied("shop", '{"sharded":true,"vindexes":{"m":{"type":"multicol","params":{"column_count":"3"}}}}'),
  applied("commerce", "{}", { name: "ApplyVSchema where there is none", given: [noVSchema] }),

  applied("commerce", table, { flags: ["--dry-run"] }),
  applied("commerce", table, { flags: ["--skip_rebuild"] }),
  applied("commerce", table, { flags: ["--dry-run", "--skip_rebuild"] }),
  applied("commerce", table, { flags: ["--cells", "zone1"] }),
  applied("commerce", table, { flags: ["--cells", "zone1", "--cells", "zone1"] }),
  applied("commerce", table, { flags: ["--cells", ""], name: "ApplyVSchema --cells ''" }),
  applied("commerce", table, { flags: ["--cells", "nocell"], differs: [cells] }),
  applied("commerce", table, {
    flags: ["--cells", "zone1,nocell"],
    differs: [{ ...cells, in: ["error", ...written] }],
  }),
  applied("commerce", table, { flags: ["--dry_run"], differs: [spelling] }),
  applied("commerce", table, {
    flags: ["--skip-rebuild"],
    differs: [{ ...spelling, in: [...spelling.in, "topology /vitess/global/keyspaces/commerce/VSchema"] }],
  }),
  { line: ["ApplyVSchema", "--vschema", "{}", "nope"] },
  { line: ["ApplyVSchema", "--vschema", "{}", "--dry-run", "nope"], differs: [dryRun] },

  { line: "ApplyVSchema" },
  { line: "ApplyVSchema commerce" },
  { line: ["ApplyVSchema", "--vschema", "{}"] },
  { line: ["ApplyVSchema", "--vschema", "{}", "a", "b"] },
  { line: ["ApplyVSchema", "--vschema", "", "commerce"] },
  { line: ["ApplyVSchema", "--vschemata", "{}", "commerce"] },
  { line: "ApplyVSchema --sql x --vschema {} commerce" },
  { line: "ApplyVSchema --sql_file x --vschema_file y commerce" },
  { line: "ApplyVSchema --vschema {} --vschema_file x commerce", differs: [oneOfFour] },
  { line: "ApplyVSchema --sql x --sql_file y commerce", differs: [oneOfFour] },
  { line: "ApplyVSchema --sql x --sql_file y --vschema_file z commerce", differs: [oneOfFour] },

  { line: ["ApplyVSchema", "--vschema_file", "/no/such/file", "commerce"] },
  { line: ["ApplyVSchema", "--vschema_file", "/", "commerce"] },
  ofFile(textFile("bad.json", '{"tables": {,}}'), "commerce", [place]),
  ofFile(textFile("empty.json", ""), "commerce", [place]),

  ...["{bad", "[]", '"x"', "null", "{} {}"].map((text) => applied("commerce", text)),
  ...[
    '{"sharded":"yes"}',
    '{"sharded":1}',
    '{"tables":[]}',
    '{"sharded":true,"sharded":false}',
    '{"tables":{"t":null}}',
  ].map((text) => applied("commerce", text, { differs: [place] })),
  applied("commerce", '{"tables":{"t":{"nope":1}}}', { flags: ["--dry-run"], differs: [unknownFields] }),
  applied("commerce", '{"foreign_key_mode":"nonsense"}', { differs: [unknownNames] }),
  applied("commerce", '{"tables":{"t":{"columns":[{"name":"a","type":"NOPE"}]}}}', {
    differs: [{ ...unknownNames, in: [...unknownNames.in, ...written] }],
  }),

  ...[
    '{"sharded":true,"vindexes":{"h":{"type":"nope"}}}',
    '{"sharded":true,"tables":{"t":{}}}',
    '{"sharded":true,"vindexes":{"h":{"type":"hash"}},"tables":{"t":{"columnVindexes":[{"column":"a","name":"x"}]}}}',
    '{"sharded":true,"vindexes":{"h":{"type":"hash"}},"tables":{"t":{"columnVindexes":[{"name":"h"}]}}}',
    '{"sharded":true,"vindexes":{"h":{"type":"hash"}},"tables":{"t":{"columnVindexes":[{"column":"a","columns":["b"],"name":"h"}]}}}',
    '{"sharded":true,"vindexes":{"l":{"type":"lookup_unique","params":{"table":"x","from":"a","to":"b"},"owner":"t"}},"tables":{"t":{"columnVindexes":[{"column":"a","name":"l"}]}}}',
    '{"sharded":true,"vindexes":{"l":{"type":"lookup"}}}',
    '{"sharded":true,"vindexes":{"l":{"type":"consistent_lookup","params":{"table":"x","from":"a","to":"b","write_only":"maybe"}}}}',
    '{"sharded":true,"tables":{"t":{"type":"sequence"}}}',
    '{"tables":{"t":{"type":"nonsense"}}}',
    '{"tables":{"t":{"pinned":"zz"}}}',
    '{"sharded":true,"tables":{"t":{"type":"reference","source":"nodot"}}}',
    '{"sharded":true,"tables":{"t":{"type":"reference","source":"nowhere.t"}}}',
    '{"tables":{"t":{"type":"reference","source":"shop.t"}}}',
    '{"tables":{"t":{"autoIncrement":{"column":"id","sequence":"nope.seq"}}}}',
    '{"tables":{"t":{"columns":[{"name":"a"},{"name":"a"}]}}}',
    '{"sharded":true,"vindexes":{"m":{"type":"multicol"}}}',
    '{"sharded":true,"vindexes":{"m":{"type":"multicol","params":{"column_count":"x"}}}}',
    '{"sharded":true,"vindexes":{"m":{"type":"numeric_static_map"}}}',
    '{"sharded":true,"vindexes":{"m":{"type":"region_experimental","params":{"region_bytes":"5"}}}}',
    '{"sharded":true,"vindexes":{"m":{"type":"cfc","params":{"hash":"md5","offsets":"[4,2]"}}}}',
  ].map((text) => applied("shop", text)),
];

export const vschemaTable: Table = { name: "GetVSchema and ApplyVSchema", cases };
