/** The texts that cross a socket: whatever a name or a query holds comes back unchanged. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type BinlogSource,
  formatBinlogSource,
  parseBinlogSource,
  withOnDdl,
} from "../../../src/wire/binlog-source.js";
import { parseProtoText, quoteProtoText } from "../../../src/wire/prototext.js";
import { quoteIdentifier, quoteIdentifierIfNeeded, sqlString } from "../../../src/wire/sql.js";

/** Any text, weighted towards what quoting gets wrong. */
const awkward = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      "'",
      '"',
      "`",
      "\\",
      "\0",
      "\b",
      "\n",
      "\r",
      "\t",
      "\x1a",
      "\x7f",
      "\x85",
      "%",
      "_",
      "/",
      "#",
      ":",
      "{",
      "}",
    ),
    fc.integer({ min: 0, max: 0x1f }).map((code) => String.fromCharCode(code)),
    fc.constantFrom("é", "ß", "日", "😀", "\u2028"),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
    fc.constantFrom("a", "n", "x", "0", "41", "Z"),
  ),
});

const source: fc.Arbitrary<BinlogSource> = fc.record({
  keyspace: awkward,
  shard: fc.constantFrom("0", "-80", "80-", "-"),
  filter: fc.record({ rules: fc.array(fc.record({ match: awkward, filter: awkward }), { maxLength: 4 }) }),
  onDdl: fc.constantFrom("IGNORE", "STOP", "EXEC", "EXEC_IGNORE"),
  stopAfterCopy: fc.boolean(),
  externalCluster: awkward,
  sourceTimeZone: awkward,
  targetTimeZone: awkward,
});

describe("BinlogSource", () => {
  it("survives prototext", () => {
    fc.assert(
      fc.property(source, (value) => {
        expect(parseBinlogSource(formatBinlogSource(value))).toEqual(value);
      }),
    );
  });

  it("gets another on_ddl, and nothing else", () => {
    const onDdl = fc.constantFrom("IGNORE", "STOP", "EXEC", "EXEC_IGNORE");
    const hidden = fc.oneof(awkward, fc.constantFrom("on_ddl:EXEC", 'x" on_ddl:STOP "', "' on_ddl: 1"));
    fc.assert(
      fc.property(source, hidden, onDdl, (value, keyspace, other) => {
        const before = { ...value, keyspace };
        expect(parseBinlogSource(withOnDdl(formatBinlogSource(before), other))).toEqual({ ...before, onDdl: other });
      }),
    );
    const unknown =
      'keyspace:"a" tablet_type:REPLICA  filter:{rules:{match:"t" convert_enum_to_text:{key:"c" value:"\'a\'"}}}';
    expect(withOnDdl(`on_ddl: 2 ${unknown}`, "IGNORE")).toBe(unknown);
    expect(withOnDdl(unknown, "STOP")).toBe(`${unknown} on_ddl:STOP`);
    expect(withOnDdl(`${unknown} on_ddl:EXEC external_cluster:"e"`, "STOP")).toBe(
      `${unknown} external_cluster:"e" on_ddl:STOP`,
    );
  });

  it("survives prototext inside an SQL literal", () => {
    fc.assert(
      fc.property(source, (value) => {
        expect(parseBinlogSource(mysqlUnquote(sqlString(formatBinlogSource(value))))).toEqual(value);
      }),
    );
  });

  const worked: BinlogSource = {
    keyspace: "commerce",
    shard: "0",
    filter: {
      rules: [
        { match: "customer", filter: "select * from customer where in_keyrange(cid, 'commerce.hash', '-80')" },
        { match: 'we"ird', filter: 'select * from `we"ird`' },
      ],
    },
    onDdl: "IGNORE",
    stopAfterCopy: false,
    externalCluster: "ext1",
    sourceTimeZone: "",
    targetTimeZone: "",
  };

  it("is written as Vitess writes it", () => {
    expect(formatBinlogSource(worked)).toBe(
      `keyspace:"commerce" shard:"0" filter:{rules:{match:"customer" filter:"select * from customer where in_keyrange(cid, 'commerce.hash', '-80')"} rules:{match:"we\\"ird" filter:"select * from \`we\\"ird\`"}} external_cluster:"ext1"`,
    );
    expect(sqlString(formatBinlogSource(worked))).toBe(
      String.raw`'keyspace:"commerce" shard:"0" filter:{rules:{match:"customer" filter:"select * from customer where in_keyrange(cid, \'commerce.hash\', \'-80\')"} rules:{match:"we\\"ird" filter:"select * from ${"`"}we\\"ird${"`"}"}} external_cluster:"ext1"'`,
    );
    expect(formatBinlogSource({ ...worked, filter: { rules: [] }, onDdl: "EXEC", stopAfterCopy: true })).toBe(
      'keyspace:"commerce" shard:"0" filter:{} on_ddl:EXEC stop_after_copy:true external_cluster:"ext1"',
    );
  });

  it("is read with Go's double blanks, angle brackets, numbers for enums, comments and unknown fields", () => {
    const text = `keyspace:"commerce"  shard:"0" tablet_type:REPLICA key_range:{end:"\\200"}
      filter:<rules:{match:"a" 'b'  # glued together
      filter:''} field_event_mode:1 > on_ddl:2 stop_after_copy:true tables:["x", "y"]`;
    expect(parseBinlogSource(text)).toEqual({
      ...worked,
      filter: { rules: [{ match: "ab", filter: "" }] },
      onDdl: "EXEC",
      stopAfterCopy: true,
      externalCluster: "",
    });
  });

  it.each([
    ['keyspace:"commerce', "offset 18"],
    ["keyspace commerce", "offset 9"],
    ['filter:{rules:{match:"a"}', 'offset 25: "}" is missing'],
    ["on_ddl:SOMETIMES", "SOMETIMES"],
  ])("says where %s stops making sense", (text, where) => {
    expect(() => parseBinlogSource(text)).toThrow(where);
  });
});

describe("prototext strings", () => {
  it("are quoted as Go does", () => {
    expect(quoteProtoText("a\"b\\c\n\r\t\x01\x7f\x85é'`")).toBe('"a\\"b\\\\c\\n\\r\\t\\x01\\x7f\\u0085é\'`"');
  });

  it("know octal, hexadecimal and unicode escapes", () => {
    expect(parseProtoText(String.raw`a:"\101\x42\u0043\U0001F600\?"`).text("a")).toBe("ABC😀?");
  });
});

describe("SQL texts", () => {
  it("come back from a literal unchanged", () => {
    fc.assert(
      fc.property(awkward, (text) => {
        expect(mysqlUnquote(sqlString(text))).toBe(text);
      }),
    );
  });

  it("escapes what Vitess escapes", () => {
    expect(sqlString("\0'\"\b\n\r\t\x1a\\%")).toBe(String.raw`'\0\'"\b\n\r\t\Z\\%'`);
  });

  it("quotes identifiers where Vitess would", () => {
    expect(
      ["customer", "order", "Order", "1st", "a b", "a$b", "_vt", "we`ird", "größe", ""].map(quoteIdentifierIfNeeded),
    ).toEqual(["customer", "`order`", "`Order`", "`1st`", "`a b`", "a$b", "_vt", "`we``ird`", "`größe`", "``"]);
    expect(quoteIdentifier("a`b")).toBe("`a``b`");
  });
});

/** What MySQL makes of a literal (its manual, "String Literals"): written apart from the code under test. */
function mysqlUnquote(literal: string): string {
  const inner = literal.slice(1, -1);
  const meaning: Record<string, string> = { "0": "\0", b: "\b", n: "\n", r: "\r", t: "\t", Z: "\x1a" };
  return inner.replace(/\\(.)/gs, (_, char: string) => meaning[char] ?? char);
}
