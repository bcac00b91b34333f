import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compact, goJson, protoIndented, tabIndented, toJson } from "../../../src/io/json.js";
import { recorded } from "../../support/recording.js";

describe("Go's JSON layouts", () => {
  const value = { b: 1, a: [1, "x"], empty: {}, none: [], nil: null, gone: undefined };

  it("indents as MarshalIndent does", () => {
    expect(goJson(value, tabIndented)).toBe(
      '{\n\t"b": 1,\n\t"a": [\n\t\t1,\n\t\t"x"\n\t],\n\t"empty": {},\n\t"none": [],\n\t"nil": null\n}',
    );
    expect(goJson({ a: {} }, protoIndented)).toBe('{\n  "a": {}\n}');
  });

  it("is without blanks on one line", () => {
    expect(goJson(value, compact)).toBe('{"b":1,"a":[1,"x"],"empty":{},"none":[],"nil":null}');
  });

  it("escapes for HTML where encoding/json does, and not where protojson doesn't", () => {
    expect(goJson("a<b>&\u2028", compact)).toBe('"a\\u003cb\\u003e\\u0026\\u2028"');
    expect(goJson("a<b>&", protoIndented)).toBe('"a<b>&"');
    expect(goJson("\ud800", compact)).toBe('"\ufffd"');
  });

  it("keeps 64-bit integers whole, sorts maps by bytes, and encodes bytes", () => {
    const map = new Map([
      ["b", 1],
      ["a", 2],
      ["10", 3],
      ["9", 4],
    ]);
    expect(goJson({ max: 9223372036854775807n, map, bytes: Buffer.from("hi") }, compact)).toBe(
      '{"max":9223372036854775807,"map":{"10":3,"9":4,"a":2,"b":1},"bytes":"aGk="}',
    );
  });

  it("prints a recorded workflow to the same bytes", () => {
    const { stdout } = recorded("vtctlclient-v22.0.3.txt", "Workflow commerce.wf show");
    expect(`${goJson(JSON.parse(stdout), tabIndented)}\n`).toBe(stdout);
  });

  it("is valid JSON for any value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (any) => {
        const again = JSON.parse(JSON.stringify(any));
        for (const layout of [compact, tabIndented, protoIndented]) {
          expect(JSON.parse(goJson(again, layout))).toEqual(again);
        }
        expect(JSON.parse(toJson(again))).toEqual(again);
      }),
    );
  });
});
