import fc from "fast-check";
import { expect, it } from "vitest";
import { type JsonNode, JsonSyntaxError, parseJsonText } from "../../../src/vschema/json-text.js";

function toValue(node: JsonNode): unknown {
  if (node.kind === "array") return node.items.map(toValue);
  if (node.kind !== "object") return node.value;
  return Object.fromEntries(node.members.map((member) => [member.key, toValue(member.value)]));
}

it("reads what JSON.parse reads", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom("", "\t", "  "), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(toValue(parseJsonText(text))).toEqual(JSON.parse(text));
    }),
  );
});

it("refuses what JSON.parse refuses, and nothing else", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    '"a"',
    '"\\u00e4"',
    "1",
    "-0.5e3",
    "true",
    "null",
    " ",
    "'",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      let expected: unknown;
      let valid = true;
      try {
        expected = JSON.parse(text);
      } catch {
        valid = false;
      }
      if (valid) expect(toValue(parseJsonText(text))).toEqual(expected);
      else expect(() => parseJsonText(text)).toThrow(JsonSyntaxError);
    }),
    { numRuns: 2000 },
  );
});
