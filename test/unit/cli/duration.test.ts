import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatGoDuration, parseGoDuration } from "../../../src/cli/duration.js";

describe("Go durations", () => {
  it.each([
    ["30s", 30_000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["100ms", 100],
    ["1h0m0s", 3_600_000],
    ["-2s", -2000],
    ["+2s", 2000],
    ["0", 0],
    ["250us", 0.25],
    ["250µs", 0.25],
  ])("%s", (text, ms) => {
    expect(parseGoDuration(text)).toBeCloseTo(ms, 9);
  });

  it.each([
    ["", 'time: invalid duration ""'],
    ["-", 'time: invalid duration "-"'],
    ["s", 'time: invalid duration "s"'],
    ["30", 'time: missing unit in duration "30"'],
    ["1m30", 'time: missing unit in duration "1m30"'],
    ["1d", 'time: unknown unit "d" in duration "1d"'],
    ["9999999999h", 'time: invalid duration "9999999999h"'],
  ])("%j is refused", (text, message) => {
    expect(() => parseGoDuration(text)).toThrow(message);
  });

  it("reads back what it prints", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e10, max: 1e10 }), (ms) => {
        expect(parseGoDuration(formatGoDuration(ms))).toBeCloseTo(ms, 3);
      }),
    );
    expect([0, 90_000, 3_600_000, 1500, 250].map(formatGoDuration)).toEqual(["0s", "1m30s", "1h0m0s", "1.5s", "250ms"]);
  });
});
