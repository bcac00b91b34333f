import { type Hazard, numbered } from "./hazard.js";

/** Seven keys in order, of which the first and the last are the target's alone; the one in the middle becomes `other`. */
function keyed(name: string, type: string, keys: readonly string[], other: string): Hazard {
  const last = keys.length - 2;
  return {
    name: `key_${name}`,
    definition: `k ${type} not null primary key, v varchar(10)`,
    columns: "k, v",
    rows: numbered(keys.map((key) => `${key}, 'v'`)),
    // By turns.
    missing: name.length % 2 === 0 ? 1 : last,
    changed: { 1: "v = 'V'", [last]: "v = null" },
    rekeyed: { 3: `k = ${other}` },
  };
}

const words = ["'a'", "'B'", "'c d'", "'Ding'", "'éa'", "'z'", "'zz'"];

export const keys: Hazard[] = [
  keyed(
    "bigint",
    "bigint",
    [
      "-9223372036854775808",
      "-9223372036854775807",
      "-1",
      "0",
      "9007199254740993",
      "9223372036854775806",
      "9223372036854775807",
    ],
    "1",
  ),
  keyed(
    "unsigned",
    "bigint unsigned",
    [
      "0",
      "1",
      "9007199254740992",
      "9223372036854775807",
      "9223372036854775808",
      "18446744073709551614",
      "18446744073709551615",
    ],
    "9223372036854775809",
  ),
  keyed(
    "decimal",
    "decimal(30,5)",
    ["-12345678901234567890.5", "-2", "-1.00001", "0", "9.5", "10", "12345678901234567890.5"],
    "0.00001",
  ),
  keyed("double", "double", ["-1e300", "-2", "-0.1", "0", "0.30000000000000004", "2", "1e300"], "1e-300"),
  keyed(
    "date",
    "date",
    ["'0000-00-00'", "'1999-01-00'", "'1999-12-31'", "'2000-01-01'", "'2000-02-29'", "'2024-01-01'", "'9999-12-31'"],
    "'2000-01-02'",
  ),
  keyed(
    "datetime",
    "datetime(6)",
    [
      "'0000-00-00'",
      "'1999-01-01'",
      "'1999-01-01 00:00:00.000001'",
      "'2000-01-01'",
      "'2000-02-29'",
      "'2024-01-01'",
      "'9999-12-31'",
    ],
    "'2000-01-01 00:00:00.000001'",
  ),
  keyed(
    "timestamp",
    "timestamp(3)",
    [
      "'0000-00-00'",
      "'1999-01-01'",
      "'1999-01-01 00:00:00.001'",
      "'2000-01-01'",
      "'2000-02-29'",
      "'2024-10-27 02:30:00'",
      "'2037-12-31'",
    ],
    "'2000-01-01 00:00:00.001'",
  ),
  keyed(
    "time",
    "time",
    ["'-838:59:59'", "'-01:00:00'", "'00:00:00'", "'09:00:00'", "'10:00:00'", "'100:00:00'", "'838:59:59'"],
    "'09:00:01'",
  ),
  keyed("year", "year", ["0", "1901", "1999", "2000", "2001", "2154", "2155"], "2024"),
  keyed("enum", "enum('z','y','x','w','v','u','t','s')", ["'z'", "'y'", "'x'", "'w'", "'v'", "'u'", "'t'"], "'s'"),
  keyed(
    "bit",
    "bit(12)",
    ["b'0'", "b'1'", "b'10'", "b'100000000'", "b'100000001'", "b'111111111110'", "b'111111111111'"],
    "b'111'",
  ),
  keyed(
    "binary",
    "binary(3)",
    ["x'000000'", "x'000001'", "x'0a0d27'", "x'2741ff'", "x'5c5c5c'", "x'fffffe'", "x'ffffff'"],
    "x'2741fe'",
  ),
  keyed("varbinary", "varbinary(8)", ["''", "x'00'", "x'0000'", "'A'", "'a'", "x'fe'", "x'ff'"], "'A '"),
  keyed("text_0900_ai_ci", "varchar(20) collate utf8mb4_0900_ai_ci", words, "'DING'"),
  keyed("text_general_ci", "varchar(20) collate utf8mb4_general_ci", words, "'Dïng'"),
  keyed(
    "text_bin",
    "varchar(20) collate utf8mb4_bin",
    ["'B'", "'Ding'", "'a'", "'c d'", "'z'", "'zz'", "'éa'"],
    "'c  d'",
  ),
  keyed(
    "text_latin1",
    "varchar(20) character set latin1",
    ["'a'", "'B'", "'c d'", "'Ding'", "'q'", "'z'", "'zz'"],
    "'ding'",
  ),
  keyed(
    "text_beyond_bmp",
    "varchar(20) character set utf8mb4 collate utf8mb4_bin",
    ["'?'", "'a?'", "'a😀'", "'a😁'", "'é😀'", "'😀'", "'😁'"],
    "'a😂'",
  ),
  keyed("text_char", "char(10)", words, "'Ding!'"),
  {
    name: "key_composite",
    definition: "a varchar(10) not null, b bigint not null, c date not null, v int, primary key (b, a, c)",
    columns: "a, b, c, v",
    rows: numbered([
      "'x', -5, '2024-01-01', 1",
      "'x', -5, '2024-01-02', 1",
      "'a', 1, '2024-01-01', 1",
      "'A b', 1, '2024-01-01', 1",
      "'a', 10, '2024-01-01', 1",
      "'a', 10, '2024-01-02', 1",
      "'b', 10, '2024-01-01', 1",
      "'b', 10, '2024-01-02', 1",
      "'b', 11, '2024-01-02', 1",
    ]),
    missing: 7,
    changed: { 1: "v = 2", 2: "v = null", 7: "v = 0" },
    rekeyed: { 3: "a = 'a B'", 5: "c = '2024-01-03'" },
  },
  {
    name: "key weird `table`-näme",
    definition:
      "`weird col` int not null, `select` varchar(10) not null, `größe` int, `a``b` int, `a.b` int, `%s'\"` int, primary key (`weird col`, `select`)",
    columns: "`weird col`, `select`, `größe`, `a``b`, `a.b`, `%s'\"`",
    rows: numbered([
      "0, 's', 1, 1, 1, 1",
      "1, 's', 1, 1, 1, 1",
      "2, 's', 1, 1, 1, 1",
      "3, 's', 1, 1, 1, 1",
      "4, 's', 1, 1, 1, 1",
      "5, 's', 1, 1, 1, 1",
    ]),
    missing: 4,
    changed: { 1: "`größe` = 2", 2: "`a``b` = 2", 3: "`a.b` = null", 4: "`%s'\"` = 2" },
  },
  {
    name: "order",
    definition: "`key` int not null primary key, `group` int, `INT` int",
    columns: "`key`, `group`, `INT`",
    rows: numbered(["0, 1, 1", "1, 1, 1", "2, 1, 1", "3, 1, 1", "4, 1, 1"]),
    missing: 1,
    changed: { 1: "`group` = 2", 3: "`INT` = 2" },
    rekeyed: { 2: "`key` = 20" },
  },
];
