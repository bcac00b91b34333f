/** Which keys can be looked up by what a tablet has shown of them. */
import { expect, test } from "vitest";
import { keyLiteral } from "../../../src/vdiff/compare/literals.js";
import type { Field__Output as Field } from "../../../src/wire/generated/query/Field.js";

const column = (type: string, charset = 63) => ({ type, charset }) as Field;

function literal(value: string | Buffer, source: Field, target = source): string | undefined {
  return keyLiteral(Buffer.from(value), source, target);
}

test("numbers, if they look like one and both sides have them as such", () => {
  expect(literal("-17", column("INT64"), column("UINT32"))).toBe("-17");
  expect(literal("0.50", column("DECIMAL"))).toBe("0.50");
  expect(literal("1) or (1=1", column("INT64"))).toBeUndefined();
  expect(literal("x' or 1", column("INT64"), column("VARCHAR", 255))).toBeUndefined();
  expect(literal("17", column("VARCHAR", 255), column("INT64"))).toBeUndefined();
  expect(literal("0.5", column("FLOAT64"))).toBeUndefined();
});

test("dates, but for those that have a zero for a part", () => {
  expect(literal("2024-02-29 10:00:00", column("DATETIME"), column("TIMESTAMP"))).toBe("'2024-02-29 10:00:00'");
  for (const zero of ["0000-00-00", "2024-00-00", "2024-05-00", "0000-05-01"]) {
    expect(literal(zero, column("DATE"))).toBeUndefined();
  }
  expect(literal("10:00:00", column("TIME"))).toBe("'10:00:00'");
  expect(literal("10:00:00", column("TIME"), column("DATETIME"))).toBeUndefined();
});

test("text, but not where characters may be lost, and binary strings", () => {
  expect(literal("2024-00 it's?", column("VARCHAR", 255), column("VARBINARY", 45))).toBe("'2024-00 it\\'s?'");
  expect(literal("it?", column("VARCHAR", 255), column("VARBINARY", 33))).toBeUndefined();
  expect(literal("it", column("VARCHAR", 255), column("VARCHAR", 33))).toBe("'it'");
  expect(literal(Buffer.from([0xfc]), column("VARCHAR", 8))).toBeUndefined();
  expect(literal(Buffer.from([0xfc]), column("BINARY"))).toBe("X'fc'");
  expect(literal("é", column("BINARY"))).toBe("X'c3a9'");
});

test("text in ASCII, whatever the connection's character set", () => {
  expect(literal("é😀", column("VARCHAR", 45))).toBe("_utf8mb4 X'c3a9f09f9880'");
  expect(literal("é", column("VARCHAR", 255), column("VARBINARY"))).toBe("_utf8mb4 X'c3a9'");
});

test("nothing where a side has no such column, or the value is NULL", () => {
  expect(keyLiteral(Buffer.from("1"), column("INT64"), undefined)).toBeUndefined();
  expect(keyLiteral(null, column("INT64"), column("INT64"))).toBeUndefined();
});
