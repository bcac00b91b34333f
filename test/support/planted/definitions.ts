import { type Hazard, numbered } from "./hazard.js";
import { valued } from "./valued.js";

/** Tables whose columns are defined otherwise on the target. */
export const definitions: Hazard[] = [
  valued({
    name: "reordered_enum",
    definition: `v enum('a','b','c'), w set('x','y','z')`,
    columns: "v, w",
    rows: ["'a', 'x'", "'a', 'x'", "'b', 'x,z'", "'c', 'y'", "null, ''", "'a', 'x,y,z'", "'a', 'x'"],
    alteredTo: "modify v enum('c','b','a'), modify w set('z','y','x','more')",
    changed: { 1: "v = 'c'", 2: "w = 'x,y'", 3: "v = 'a'", 4: "w = null", 5: "w = 'x,y,z,more'" },
  }),
  {
    name: "wider",
    definition:
      "k int not null primary key, i int, u int unsigned, d decimal(10,2), v varchar(20), c char(10), b varbinary(20)",
    columns: "k, i, u, d, v, c, b",
    rows: numbered([
      "-1, 1, 1, 1, 'v', 'c', 'b'",
      "1, -1, 4294967295, 1.50, 'v', 'c', 'b'",
      "2, 1, 1, -0.01, 'v', 'c', 'b'",
      "3, 1, 1, 1, 'V', 'c', 'b'",
      "4, 1, 1, 1, 'v', 'c  ', 'b'",
      "5, null, null, null, null, null, null",
      "6, 1, 1, 1, '', '', x'00'",
      "7, 1, 1, 1, 'v', 'c', 'b'",
      "8, 1, 1, 1, 'v', 'c', 'b'",
    ]),
    alteredTo:
      "modify k bigint not null, modify i bigint, modify u bigint, modify d decimal(20,4), modify v text, modify c varchar(20), modify b blob",
    missing: 7,
    changed: {
      1: "u = u + 1",
      2: "d = d - 0.0001",
      3: "v = 'v'",
      4: "c = 'c '",
      5: "i = 0",
      6: "b = ''",
    },
  },
  valued({
    name: "other_charset",
    definition: `v varchar(20) character set latin1, w text character set utf8mb4 collate utf8mb4_0900_ai_ci, e enum('ä','ö') character set latin1`,
    columns: "v, w, e",
    rows: [
      "'é', 'é', 'ä'",
      "'é', 'é', 'ä'",
      "'ÿ', 'ÿ', 'ö'",
      "'a', 'É', 'ä'",
      "'', null, null",
      "'Ã©', 'e', 'ä'",
      "'é', 'é', 'ä'",
    ],
    alteredTo:
      "modify v varchar(20) character set utf8mb4, modify w text character set latin1, modify e enum('ä','ö') character set utf8mb4",
    changed: { 1: "v = 'É'", 2: "e = 'ä'", 3: "w = 'é'", 4: "v = null", 5: "v = 'é'" },
  }),
  {
    name: "zerofill_on_one_side",
    definition: "k int(6) zerofill not null primary key, v int(8) zerofill, w int unsigned",
    columns: "k, v, w",
    rows: numbered(["0, 0, 0", "1, 0, 5", "20, 7, 5", "1000000, 100000000, 5", "1000001, null, 5", "1000002, 1, 1"]),
    alteredTo: "modify k bigint unsigned not null, modify v int, modify w int(7) zerofill",
    missing: 1,
    changed: { 2: "w = 50", 3: "v = 10000000", 4: "v = 0" },
  },
  {
    name: "zerofill_of_another_width",
    definition:
      "k bigint(5) unsigned zerofill not null primary key, i int(8) unsigned zerofill, d decimal(10,2) zerofill, f float(8,2) zerofill",
    columns: "k, i, d, f",
    rows: numbered([
      "0, 0, 0, 0",
      "1, 42, 1.5, 0.5",
      "9, 42, 1.5, 0.5",
      "10, 100000000, 1.5, 0.5",
      "9007199254740992, 42, 0, 0",
      "9007199254740993, null, null, null",
      "9007199254740994, 0, 1.5, 0.01",
      "18446744073709551615, 42, 1.5, 0.5",
    ]),
    alteredTo:
      "modify k bigint(20) unsigned zerofill not null, modify i int(10) unsigned zerofill, modify d decimal(12,2) zerofill, modify f float(12,2) zerofill",
    missing: 1,
    changed: { 2: "i = 420", 3: "i = 10000000", 5: "i = 0", 6: "d = 15" },
    rekeyed: { 4: "k = 90071992547409920" },
  },
  valued({
    name: "other_fraction",
    definition: `d datetime, t time(3), s timestamp(2) null`,
    columns: "d, t, s",
    rows: [
      "'2024-01-01', '00:00:00', null",
      "'2024-01-01', '-10:00:00.5', '2024-07-01 12:00:00.25'",
      "'0000-00-00', '00:00:00.001', '2024-07-01 12:00:00'",
      "'2024-01-01', null, '2024-07-01 12:00:00.99'",
      "'2024-01-01 12:34:56', '00:00:00', null",
      "'2024-01-01', '00:00:00', null",
    ],
    alteredTo: "modify d datetime(6), modify t time(6), modify s timestamp(4) null",
    changed: {
      1: "t = '10:00:00.5'",
      2: "t = '00:00:00.001001'",
      3: "s = '2024-07-01 12:00:00.9901'",
      4: "d = '2024-01-01 12:34:56.000001'",
    },
  }),
  valued({
    // Nobody copies what both sides compute, each in its own way here.
    name: "computed",
    definition: `base int, kept int as (base + 1) stored, virt varchar(20) as (concat('v', base)) virtual`,
    columns: "base",
    rows: ["1", "1", "null", "3", "4", "5"],
    alteredTo: "modify kept int as (base + 2) stored, modify virt varchar(20) as (concat('w', base)) virtual",
    changed: { 1: "base = 2", 2: "base = 0", 4: "base = null" },
  }),
  valued({
    name: "invisible",
    definition: `v int, hidden int invisible`,
    columns: "v, hidden",
    rows: ["1, 1", "1, 1", "1, null", "1, 3", "1, 4", "1, 5"],
    changed: { 1: "hidden = 2", 2: "hidden = 0", 4: "hidden = null" },
  }),
];
