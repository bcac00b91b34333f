import type { Hazard } from "./hazard.js";
import { valued } from "./valued.js";

const everyByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0")).join("");
/** POINT(1 2), little endian, with SRID 0 in front, as InnoDB keeps it. */
const point = "000000000101000000000000000000f03f0000000000000040";

export const bytes: Hazard[] = [
  valued({
    name: "binary",
    definition: `f binary(4), v varbinary(300), b blob, l longblob`,
    columns: "f, v, b, l",
    rows: [
      "'', '', '', ''",
      `'ab', x'${everyByte}', '', ''`,
      `'ab', '', x'${everyByte}', ''`,
      `'ab', '', '', x'${everyByte.repeat(40)}'`,
      "x'00000000', '', '', ''",
      "'ab', '', null, ''",
      "'ab', x'6100', '', ''",
      "null, x'ff', x'c3a9', ''",
      "'', '', '', ''",
    ],
    changed: {
      1: `v = x'${everyByte.replace("0b0c", "0b0d")}'`,
      2: `b = x'${everyByte.replace("fe", "ff")}'`,
      3: `l = x'${everyByte.repeat(39)}'`,
      4: "f = x'00000020'",
      5: "b = ''",
      6: "v = 'a'",
      7: "b = x'e9'",
    },
  }),
  valued({
    name: "json",
    definition: `v json`,
    columns: "v",
    rows: [
      "'1'",
      `'{"b": 1, "a": [1, 2]}'`,
      "'9007199254740993'",
      "'[1, 2]'",
      `'{"a": null}'`,
      "null",
      `'"A"'`,
      "'1.0'",
      "'[1.5e2]'",
      `'{"é": "\\\\u00e9", "q": "\\\\""}'`,
      "'[]'",
      `'{"s": "😀"}'`,
      "'1'",
    ],
    changed: {
      1: `v = '{"b": 1, "a": [2, 1]}'`,
      2: "v = '9007199254740992'",
      3: "v = '[1, 2, null]'",
      4: "v = '{}'",
      5: "v = 'null'",
      6: `v = '"a"'`,
      10: "v = '{}'",
      11: `v = '{"s": "?"}'`,
    },
    harmless: { 7: "v = '1'", 8: "v = '[150]'", 9: `v = '{"q": "\\\\u0022", "é": "é"}'` },
  }),
  valued({
    name: "geometry",
    definition: `v geometry`,
    columns: "v",
    rows: ["null", `x'${point}'`, `x'${point}'`, "null", `x'${point}'`, "null"],
    changed: {
      1: `v = x'${point.replace("0040", "0840")}'`,
      2: "v = null",
      4: `v = x'${point.replace("f03f", "f0bf")}'`,
    },
  }),
];
