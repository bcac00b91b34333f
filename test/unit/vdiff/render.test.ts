import { expect, test } from "vitest";
import { emptyReport, type SampleValue, type TableReport } from "../../../src/vdiff/report.js";
import { goJsonString, goQuote } from "../../../src/vdiff/view/go-text.js";
import { renderJson } from "../../../src/vdiff/view/render-json.js";
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
