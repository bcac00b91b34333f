import { expect, test } from "vitest";
import { emptyReport, type SampleValue, type TableReport } from "../../../src/vdiff/report.js";
import { goJsonString, goQuote } from "../../../src/vdiff/view/go-text.js";
import { renderJson } from "../../../src/vdiff/view/render-json.js";
import { renderReport } from "../../../src/vdiff/view/render-report.js";
import { renderText } from "../../../src/vdiff/view/render-text.js";

/** As printed by go1.26.8: fmt's %q of the bytes, and json.Marshal of the string. */
test.each([
  ["616263", '"abc"', '"abc"'],
  ["225c0a0d09", '"\\"\\\\\\n\\r\\t"', '"\\"\\\\\\n\\r\\t"'],
  ["0001077f", '"\\x00\\x01\\a\\x7f"', '"\\u0000\\u0001\\u0007\u007f"'],
  ["080b0c", '"\\b\\v\\f"', '"\\b\\u000b\\f"'],
  ["c384e282acf09f9880", '"Ä€😀"', '"Ä€😀"'],
  ["ff41c3", '"\\xffA\\xc3"', '"\\ufffdA\\ufffd"'],
  ["eda080", '"\\xed\\xa0\\x80"', '"\\ufffd\\ufffd\\ufffd"'],
  ["c2adefbbbf", '"\\u00ad\\ufeff"', '"\u00ad\ufeff"'],
  ["f4908080", '"\\xf4\\x90\\x80\\x80"', '"\\ufffd\\ufffd\\ufffd\\ufffd"'],
  ["c0af", '"\\xc0\\xaf"', '"\\ufffd\\ufffd"'],
  ["e2808be38080cc81", '"\\u200b\\u3000\u0301"', '"\u200b\u3000\u0301"'],
  ["3c3e26e280a8", '"<>&\\u2028"', '"\\u003c\\u003e\\u0026\\u2028"'],
])("bytes %s", (hex, quoted, json) => {
  expect(goQuote(Buffer.from(hex, "hex"))).toBe(quoted);
  expect(goJsonString(Buffer.from(hex, "hex"))).toBe(json);
});

function reportOf(values: SampleValue[], query = ""): TableReport {
  return { ...emptyReport("t"), processedRows: 1, extraRowsSource: 1, extraSourceSamples: [{ values, query }] };
}

const value = (label: string, type: SampleValue["type"], text: string | null): SampleValue => ({
  label,
  type,
  value: text === null ? null : Buffer.from(text),
});

test("quoted values are cut at 20 bytes, between quotes, even in the middle of a character", () => {
  const lines = renderText([
    reportOf([
      value("c", "VARCHAR", "a".repeat(19)),
      value("b", "VARCHAR", "a".repeat(20)),
      value("a", "TEXT", `${"a".repeat(19)}Ä`),
      value("d", "DECIMAL", "1".repeat(40)),
      value("e", "VARCHAR", null),
      value("f", "BIT", "\x01"),
    ]),
  ]).split("\n");
  expect(lines.slice(7, 13)).toEqual([
    `\t\t\t a: "${"a".repeat(19)}\\xc3...[TRUNCATED]" (TEXT)`,
    `\t\t\t b: "${"a".repeat(20)}...[TRUNCATED]" (VARCHAR)`,
    `\t\t\t c: "${"a".repeat(19)}" (VARCHAR)`,
    `\t\t\t d: ${"1".repeat(40)} (DECIMAL)`,
    "\t\t\t e: null (NULL_TYPE)",
    '\t\t\t f: "\\x01" (BIT)',
  ]);
});

test("JSON keeps numbers bare and exact, and doesn't cut", () => {
  const json = renderJson([
    reportOf([
      value("n", "UINT64", "18446744073709551615"),
      value("s", "VARCHAR", "a".repeat(30)),
      value("z", "INT64", null),
    ]),
  ]);
  expect(json).toContain(`"Row": {\n"n": 18446744073709551615,\n"s": "${"a".repeat(30)}",\n"z": null\n}`);
});

test("the text ends with what the report is worth: the proof, where rows lie, and what wasn't compared", () => {
  const unread: TableReport = { ...emptyReport("a"), whole: true };
  const checked = { checked: true, vindex: "hash (id)", rows: 5 } as const;
  const needless = { checked: false, reason: "a reference table", needless: true } as const;
  const tables: TableReport[] = [
    unread,
    { ...unread, table: "b" },
    { ...unread, table: "c", placement: needless, uncomparedColumns: ["total"] },
    { ...unread, table: "d", placement: checked, processedRows: 5, whole: false },
    { ...unread, table: "e", placement: checked, processedRows: 5 },
  ];
  const uncomparedTables = Array.from({ length: 12 }, (_, i) => `t${i}`);
  const result = { keyspace: "ks", workflow: "wf", hasDifferences: false, complete: false, seconds: 7 };
  const text = renderReport({ ...result, proof: "checksums", tables, uncomparedTables });
  expect(text.slice(text.indexOf("\n\n"))).toBe(`

Proof: checksums of key ranges were equal, each at some moment while the streams ran; only ranges that stayed unequal were read row by row.
Placement checked: e.
Placement checked up to the limit: d.
Placement not checked: a, b (not every row was read).
Columns not compared: total of c.
Compared up to the limit: d.
Tables not compared: t0, t1, t2, t3, t4, t5, t6, t7, t8, t9 and 2 more.

VDiff took 7 seconds
`);
  const equal = renderReport({
    ...result,
    proof: "rows",
    tables: [{ ...unread, placement: needless }],
    uncomparedTables: [],
  });
  expect(equal.split("\n\n")[1]).toBe("Proof: every row of both sides was read, each table at one position.");
});

test("a misplaced row is shown with its two shards, or with none", () => {
  const row = { values: [value("id", "INT64", "5")], query: "select id from t where id=5;" };
  const text = renderText([
    {
      ...emptyReport("t"),
      misplacedRows: 2,
      misplacedSamples: [
        { row, foundOn: "-80", belongsOn: "80-" },
        { row: { ...row, query: "" }, foundOn: "-80", belongsOn: undefined },
      ],
    },
  ]);
  expect(text.slice(text.indexOf("\tMisplacedRows"))).toBe(`\tMisplacedRows: 2
\tSample misplaced row 0:
\t\t\t id: 5 (INT64)
\t\tDebugQuery: select id from t where id=5;
\t\tFound on -80, belongs on 80-
\tSample misplaced row 1:
\t\t\t id: 5 (INT64)
\t\tFound on -80, has no keyspace id
`);
});
