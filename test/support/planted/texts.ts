import type { Hazard } from "./hazard.js";
import { valued } from "./valued.js";

/** What a collation that knows no case or accents takes for equal. */
function looking(name: string, collate: string): Hazard {
  return valued({
    name,
    definition: `v varchar(30) ${collate}, t text ${collate}`,
    columns: "v, t",
    rows: [
      "'a', 'a'",
      "'Müller', 'text'",
      "'abc', 'text'",
      "'straße', 'text'",
      "'résumé', 'text'",
      "'', 'text'",
      "'a', 'text'",
      "'same', 'Text with a line\\nand \\'quotes\\''",
      "null, ''",
      "'a', 'a'",
    ],
    changed: {
      1: "v = 'Muller'",
      2: "v = 'ABC'",
      3: "v = 'strasse'",
      4: "v = 'resumé'",
      5: "v = null",
      6: "v = 'a '",
      7: "t = 'text with a line\\nand \\'quotes\\''",
      8: "t = null",
    },
  });
}

export const texts: Hazard[] = [
  looking("text_0900_ai_ci", "character set utf8mb4 collate utf8mb4_0900_ai_ci"),
  looking("text_general_ci", "character set utf8mb4 collate utf8mb4_general_ci"),
  looking("text_utf8mb4_bin", "character set utf8mb4 collate utf8mb4_bin"),
  looking("text_utf8mb3", "character set utf8mb3 collate utf8mb3_general_ci"),
  looking("text_latin1", "character set latin1 collate latin1_swedish_ci"),
  looking("text_latin1_bin", "character set latin1 collate latin1_bin"),
  valued({
    name: "text_beyond_bmp",
    definition: `v varchar(20) character set utf8mb4`,
    columns: "v",
    rows: ["'😀'", "'😀'", "'𝄞'", "'a😀b'", "'👩‍👩‍👧'", "'é'", "'😀😀'", "'😀'"],
    changed: { 1: "v = '😁'", 2: "v = '?'", 3: "v = 'a?b'", 4: "v = '👩👩👧'", 5: "v = 'e\u0301'", 6: "v = '😀'" },
  }),
  valued({
    name: "text_char",
    definition: `v char(6), a char(3) character set ascii`,
    columns: "v, a",
    rows: ["'', ''", "'ab', 'x'", "' ab', 'x'", "'', 'x'", "'ab  ', 'x'", "null, 'x'", "'x', 'xyz'", "'', ''"],
    changed: { 1: "v = 'aB'", 2: "v = 'ab'", 3: "v = null", 5: "v = ''", 6: "a = 'xy'" },
    // MySQL removes them.
    harmless: { 4: "v = 'ab'" },
  }),
  valued({
    name: "text_odd_bytes",
    definition: `v varchar(40), w varchar(40), x mediumtext`,
    columns: "v, w, x",
    rows: [
      "'', '', ''",
      "'a\\0b', 'w', 'x'",
      "'a#', 'b', 'x'",
      "null, 'a', 'x'",
      "'a\\\\', 'b', 'x'",
      "'\\'', '\\Z', 'x'",
      `'', 'w', '${"long ".repeat(20_000)}'`,
      "'0', '1', '00'",
      "'', '', ''",
    ],
    changed: {
      1: "v = 'a'",
      2: "v = 'a', w = '#b'",
      3: "v = 'a', w = null",
      4: "v = 'a', w = '\\\\b'",
      5: "w = '\\''",
      6: "x = concat(left(x, char_length(x) - 1), '.')",
      7: "v = '01', w = ''",
    },
  }),
  valued({
    name: "enum",
    definition: `v enum('small','MEDIUM','a b','') , w enum('1','2','10') not null`,
    columns: "v, w",
    rows: [
      "'small', '1'",
      "'small', '1'",
      "'MEDIUM', '2'",
      "'a b', '10'",
      "'', '1'",
      "null, '1'",
      "'small', '1'",
      "'small', '1'",
    ],
    changed: { 1: "v = 'MEDIUM'", 2: "w = '10'", 3: "w = '2'", 4: "v = null", 5: "v = 'small'", 6: "v = ''" },
  }),
  valued({
    name: "set",
    definition: `v set('a','b','c','d e')`,
    columns: "v",
    rows: ["'a'", "'a,b'", "''", "'a,d e'", "null", "'c,a'", "'a,b,c,d e'", "'a'"],
    changed: { 1: "v = 'a,c'", 2: "v = null", 3: "v = 'd e'", 4: "v = ''", 6: "v = 'b,c,d e'" },
    harmless: { 5: "v = 'a,c'" },
  }),
];
