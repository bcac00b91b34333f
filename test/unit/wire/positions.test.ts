import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lengthDelimited, mapEntry, mapEntryKey, readFields } from "../../../src/wire/fields.js";
import { formatGtidSet, gtidSetContains, gtidSetUnion, parseGtidSet } from "../../../src/wire/gtid-set.js";
import {
  formatKeyRange,
  isFullKeyRange,
  keyRangeContains,
  keyRangesIntersect,
  parseKeyRange,
} from "../../../src/wire/key-range.js";
import { formatPosition, parsePosition, positionContains, positionUnion } from "../../../src/wire/position.js";
import { decode, encode } from "../../../src/wire/proto.js";
import { decodeRow, encodeRow } from "../../../src/wire/result.js";

const A = "0161eb37-e68d-11f1-a320-02fc00000001";
const B = "0b045f6e-e68d-11f1-b4dc-02fc00000001";

describe("GTID sets", () => {
  it("are printed in MySQL's normal form", () => {
    expect(formatGtidSet(parseGtidSet(`${B}:7, ${A.toUpperCase()}:1-3:5:4`))).toBe(`${A}:1-5,${B}:7`);
    expect(formatGtidSet(parseGtidSet(`${A}:1:tag:2-3`))).toBe(`${A}:1,${A}:tag:2-3`);
    expect(formatGtidSet(parseGtidSet(""))).toBe("");
  });

  it("hold exactly the transactions that were put in", () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 40 }));
    const setOf = (list: number[]) => parseGtidSet(list.length === 0 ? "" : `${A}:${list.join(":")}`);
    fc.assert(
      fc.property(numbers, numbers, (left, right) => {
        const union = gtidSetUnion(setOf(left), setOf(right));
        for (let n = 1; n <= 40; n++) {
          expect(gtidSetContains(union, setOf([n]))).toBe(left.includes(n) || right.includes(n));
        }
        expect(gtidSetContains(setOf(left), setOf(right))).toBe(right.every((n) => left.includes(n)));
      }),
    );
  });

  it.each(["x", `${A}`, `${A}:`, `${A}:1-`, `${A}:-3`])("refuses %s", (text) => {
    expect(() => parseGtidSet(text)).toThrow(SyntaxError);
  });
});

describe("positions", () => {
  it("compare by flavor", () => {
    expect(positionContains(`MySQL56/${A}:1-62`, `MySQL56/${A}:1-38`)).toBe(true);
    expect(positionContains(`MySQL56/${A}:1-38`, `MySQL56/${A}:1-62`)).toBe(false);
    expect(positionContains(`MySQL56/${A}:1-38`, `MySQL56/${A}:1-38,${B}:1`)).toBe(false);
    expect(positionContains("MariaDB/0-9-263,1-1-5", "MariaDB/0-1-263")).toBe(true);
    expect(positionContains("MariaDB/0-9-262", "MariaDB/0-1-263")).toBe(false);
    expect(positionContains("FilePos/binlog.000002:4", "FilePos/binlog.000001:900")).toBe(true);
    expect(positionContains("MySQL56/", "")).toBe(true);
    expect(positionContains("", `MySQL56/${A}:1`)).toBe(false);
    expect(() => positionContains("MariaDB/0-1-1", `MySQL56/${A}:1`)).toThrow("different kinds");
  });

  it("unite", () => {
    expect(positionUnion(`MySQL56/${A}:1-5`, `MySQL56/${A}:3-9,${B}:1`)).toBe(`MySQL56/${A}:1-9,${B}:1`);
    expect(positionUnion("MariaDB/0-1-5", "MariaDB/0-2-7,1-1-1")).toBe("MariaDB/0-2-7,1-1-1");
    expect(positionUnion("", `MySQL56/${A}:1`)).toBe(`MySQL56/${A}:1`);
  });

  it("are read from text and from what COMPRESS() makes of it", () => {
    const text = `MySQL56/${A}:1-62`;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(text.length);
    expect(formatPosition(parsePosition(text))).toBe(text);
    expect(formatPosition(parsePosition(Buffer.from(text)))).toBe(text);
    expect(formatPosition(parsePosition(Buffer.concat([length, deflateSync(text)])))).toBe(text);
    expect(() => parsePosition(Buffer.from([9, 9, 9, 9, 9, 9]))).toThrow(SyntaxError);
  });
});

describe("key ranges", () => {
  it("are read from shard names", () => {
    expect(["-80", "80-", "40-80", "-", "0", "8000-c0"].map((name) => formatKeyRange(parseKeyRange(name)))).toEqual([
      "-80",
      "80-",
      "40-80",
      "-",
      "-",
      "8000-c0",
    ]);
    expect([parseKeyRange("0"), parseKeyRange("-"), parseKeyRange("-80")].map(isFullKeyRange)).toEqual([
      true,
      true,
      false,
    ]);
    for (const bad of ["80-40", "8-", "zz-", "40-80-c0"]) expect(() => parseKeyRange(bad)).toThrow(SyntaxError);
  });

  it("intersect where they share a keyspace id", () => {
    const bounds = fc.constantFrom("", "20", "40", "4000", "80", "8000", "80ff", "c0");
    const range = fc.tuple(bounds, bounds).map(([start, end]) => ({
      start: Buffer.from(start, "hex"),
      end: Buffer.from(end, "hex"),
    }));
    const ids = Array.from({ length: 256 }, (_, high) => [Buffer.from([high]), Buffer.from([high, 0x80])]).flat();
    fc.assert(
      fc.property(range, range, (a, b) => {
        const empty = (r: typeof a) => r.end.length > 0 && !ids.some((id) => keyRangeContains(r, id));
        fc.pre(!empty(a) && !empty(b));
        const shared = ids.some((id) => keyRangeContains(a, id) && keyRangeContains(b, id));
        expect(keyRangesIntersect(a, b)).toBe(shared);
      }),
    );
  });
});

describe("protobuf fields", () => {
  it("are split without loss, unknown ones too", () => {
    const known = encode("vschema.Keyspace", { sharded: true, tables: { t: { type: "reference" } } });
    const message = Buffer.concat([known, lengthDelimited(999, Buffer.from("newer")), Buffer.from([0xf8, 0x07, 0x01])]);
    const fields = readFields(message);
    expect(Buffer.concat(fields.map((field) => field.raw))).toEqual(message);
    expect(fields.map((field) => field.number)).toEqual([1, 3, 999, 127]);
    expect(fields[2]?.payload.toString()).toBe("newer");
  });

  it("make map entries that decode", () => {
    const entry = mapEntry(3, "größe", Buffer.alloc(0));
    expect(Object.keys(decode("vschema.Keyspace", entry).tables)).toEqual(["größe"]);
    expect(readFields(entry).map(mapEntryKey)).toEqual(["größe"]);
  });

  it.each([[[0x0a]], [[0x0a, 0x05, 0x01]], [[0x07]], [[0xff, 0xff]]])("refuses %j", (bytes) => {
    expect(() => readFields(Buffer.from(bytes))).toThrow(RangeError);
  });
});

it("rows keep NULL, empty and binary values apart", () => {
  const values = [null, Buffer.alloc(0), Buffer.from([0, 255]), Buffer.from("é")];
  const wire = encode("query.Row", encodeRow(values));
  expect(decodeRow(decode("query.Row", wire))).toEqual(values);
});
