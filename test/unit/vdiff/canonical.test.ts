import { expect, test } from "vitest";
import { canonicalJson, canonicalNumber } from "../../../src/vdiff/compare/canonical.js";

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
  ["18446744073709551615", "18446744073709551615"],
  ["not a number", "not a number"],
])("the number %s is %s", (text, expected) => {
  expect(number(text)).toBe(expected);
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
