import { expect, test } from "vitest";
import { canonicalJson, canonicalNumber, canonicalSet, canonicalTime } from "../../../src/vdiff/compare/canonical.js";

const number = (text: string) => canonicalNumber(Buffer.from(text)).toString();
const json = (text: string) => canonicalJson(Buffer.from(text)).toString();

test.each([
  ["00042", "42"],
  ["0", "0"],
  ["000", "0"],
  ["-0", "0"],
  ["-0.00", "0"],
  ["1.50", "1.5"],
  ["100", "100"],
  ["100.00", "100"],
  ["-007.10", "-7.1"],
  ["-0.010", "-0.01"],
  ["0000001.50e-7", "1.5e-7"],
  ["000001e300", "1e300"],
  ["-0e5x", "-0e5x"],
  ["18446744073709551615", "18446744073709551615"],
  ["not a number", "not a number"],
])("the number %s is %s", (text, expected) => {
  expect(number(text)).toBe(expected);
});

test.each([
  [canonicalTime, "2024-01-01 00:00:00", "2024-01-01 00:00:00"],
  [canonicalTime, "2024-01-01 00:00:00.000", "2024-01-01 00:00:00"],
  [canonicalTime, "-10:00:00.500", "-10:00:00.5"],
  [canonicalTime, "10:00:10.000001", "10:00:10.000001"],
  [canonicalTime, "10:00:10.0100", "10:00:10.01"],
  [canonicalTime, "2024-01-01", "2024-01-01 00:00:00"],
  [canonicalSet, "b,a,é", "a,b,é"],
  [canonicalSet, "", ""],
])("%o of %s is %s", (canonical, text, expected) => {
  expect(canonical(Buffer.from(text)).toString()).toBe(expected);
});

test.each([
  ['{"b": [1, 2], "a": "x"}', '{"a":"x","b":[1,2]}'],
  ["1", "1.0"],
  ["1e2", "100"],
  ["0.10", "1e-1"],
  ["-0.0", "0"],
  ['"\\u0041\\/"', '"A/"'],
  ['{"a":{"y":null,"x":true}}', '{ "a" : { "x" : true , "y" : null } }'],
  ["[]", " [ ] "],
])("%s and %s are the same JSON", (a, b) => {
  expect(json(a)).toBe(json(b));
});

test.each([
  ["9007199254740993", "9007199254740992"],
  ["0.1", "0.10000000000000001"],
  ["1", '"1"'],
  ["[1,2]", "[2,1]"],
  ['{"a":1}', '{"a":null}'],
  ["10", "1"],
  ["[]", "{}"],
])("%s and %s are not", (a, b) => {
  expect(json(a)).not.toBe(json(b));
});

test("what isn't JSON stays as it is", () => {
  for (const text of ["", "{", "[1,]x", "{a:1}", "hello world", "[1 2]"]) expect(json(text)).toBe(text);
});
