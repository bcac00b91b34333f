import { describe, expect, it } from "vitest";
import { PacketReader, PacketWriter } from "../../../src/sandbox/vtgate/protocol/bytes.js";
import { readParameters } from "../../../src/sandbox/vtgate/protocol/parameters.js";
import { mysqlType } from "../../../src/sandbox/vtgate/protocol/types.js";

describe("length-encoded integers", () => {
  it.each([
    [0, "00"],
    [250, "fa"],
    [251, "fcfb00"],
    [0xffff, "fcffff"],
    [0x10000, "fd000001"],
    [0x1000000, "fe0000000100000000"],
  ])("%i is %s", (value, hex) => {
    const bytes = new PacketWriter().lengthEncodedInteger(value).payload();
    expect(bytes.toString("hex")).toBe(hex);
    expect(new PacketReader(bytes).lengthEncodedInteger()).toBe(value);
  });
});

function execute(types: [number, boolean][], nulls: number, values: PacketWriter): string[] {
  const writer = new PacketWriter().uint(nulls, 1).uint(1, 1);
  for (const [type, unsigned] of types) writer.uint(type, 1).uint(unsigned ? 0x80 : 0, 1);
  const payload = writer.bytes(values.payload()).payload();
  return readParameters(payload, types.length, [], new Map()).literals;
}

describe("readParameters", () => {
  it("tells signed from unsigned, and knows NULL from its bitmap", () => {
    const values = new PacketWriter()
      .uint(0xff, 1)
      .uint(0xff, 1)
      .uint(2n ** 64n - 1n, 8)
      .uint(-5, 4);
    const types: [number, boolean][] = [
      [mysqlType.tiny, false],
      [mysqlType.tiny, true],
      [mysqlType.longlong, true],
      [mysqlType.varString, false],
      [mysqlType.long, false],
    ];
    expect(execute(types, 0b01000, values)).toEqual(["-1", "255", "18446744073709551615", "null", "-5"]);
  });

  it("writes dates and times out", () => {
    const values = new PacketWriter()
      .uint(4, 1)
      .uint(2024, 2)
      .uint(2, 1)
      .uint(29, 1)
      .uint(11, 1)
      .uint(2024, 2)
      .uint(2, 1)
      .uint(29, 1)
      .uint(1, 1)
      .uint(2, 1)
      .uint(3, 1)
      .uint(40, 4)
      .uint(8, 1)
      .uint(1, 1)
      .uint(2, 4)
      .uint(3, 1)
      .uint(4, 1)
      .uint(5, 1);
    const types: [number, boolean][] = [
      [mysqlType.date, false],
      [mysqlType.datetime, false],
      [mysqlType.time, false],
    ];
    expect(execute(types, 0, values)).toEqual(["'2024-02-29'", "'2024-02-29 01:02:03.000040'", "'-51:04:05'"]);
  });

  it("quotes text, and writes bytes that aren't text in hexadecimal", () => {
    const values = new PacketWriter().lengthEncodedText("it's ☃\n").lengthEncodedBytes(Buffer.from([0xff, 0x00]));
    const types: [number, boolean][] = [
      [mysqlType.varString, false],
      [mysqlType.blob, false],
    ];
    expect(execute(types, 0, values)).toEqual(["'it\\'s ☃\\n'", "x'ff00'"]);
  });

  it("refuses a packet that ends too early", () => {
    expect(() => execute([[mysqlType.longlong, false]], 0, new PacketWriter().uint(1, 4))).toThrow(RangeError);
  });
});
