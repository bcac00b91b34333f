import { expect, test } from "vitest";
import { start, type TestServer } from "./helpers.js";

/** Values that a checksum of rows meets: extremes, empty strings, NULL, bytes that are no text. */
const setup = [
  "set sql_mode = '', time_zone = '+02:00'",
  `create table m (k int not null primary key, iz int(6) zerofill, b bigint, u bigint unsigned, d decimal(30,10), f float, db double, y year,
  b10 bit(10), b64 bit(64), c char(6), v varchar(40), l varchar(40) character set latin1, x text, bn binary(4), vb varbinary(40),
  dt date, tm time(3), dtm datetime(6), ts timestamp null, ts6 timestamp(6) null, e enum('small','MEDIUM','ä'), s set('a','b','c d')) charset utf8mb4`,
  `insert into m values
  (1, 5, -9223372036854775808, 18446744073709551615, -0.0000000001, 0.1, 0.1, 2024,
   b'1000000001', b'1111111111111111111111111111111111111111111111111111111111111111', 'ab  ', 'größe 😀', 'größe', 'x#y', 'ab', x'00ff27',
   '2024-02-29', '-00:00:00.5', '2024-03-31 02:30:00.123456', '2024-07-01 12:00:00', '2024-07-01 12:00:00.000001', 'MEDIUM', 'a,c d'),
  (2, 1234567, 0, 0, 9007199254740993.5, 16777217, 1e300, 0, b'0', b'1', '', '', '', '', '', '',
   '0000-00-00', '838:59:59', '0000-00-00', '0000-00-00', '0000-00-00', 'small', ''),
  (3, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
  (4, 0, 9223372036854775807, 9007199254740993, 100, -1.5, 123456789.123, 1901, b'111', b'1010', ' a', 'a#b', 'a', 'a\\0b', x'0a0d', x'6162',
   '9999-12-31', '100:00:00', '9999-12-31 23:59:59.999999', '2024-10-27 02:30:00', '2038-01-19 05:14:07.999999', 'ä', 'b')`,
];

/** What MariaDB 10.11 answers for each row. Its values are MySQL's as well, where the two agree about them. */
const answers: [string, (string | null)[]][] = [
  [
    "concat_ws('#', k, iz, b, u, d)",
    [
      "1#000005#-9223372036854775808#18446744073709551615#-0.0000000001",
      "2#1234567#0#0#9007199254740993.5000000000",
      "3",
      "4#000000#9223372036854775807#9007199254740993#100.0000000000",
    ],
  ],
  ["concat_ws('#', f, db, y)", ["0.1#0.1#2024", "16777200#1e300#0000", "", "-1.5#123456789.123#1901"]],
  [
    "hex(concat_ws('#', f, db, vb))",
    ["302E3123302E312300FF27", "313637373732303023316533303023", "", "2D312E35233132333435363738392E313233236162"],
  ],
  ["concat_ws('#', b10 + 0, b64 + 0)", ["513#18446744073709551615", "0#1", "", "7#10"]],
  ["hex(concat_ws('#', b10, b64))", ["020123FFFFFFFFFFFFFFFF", "0000230000000000000001", "", "000723000000000000000A"]],
  [
    "concat_ws('#', dt, tm, dtm, e, s)",
    [
      "2024-02-29#-00:00:00.500#2024-03-31 02:30:00.123456#MEDIUM#a,c d",
      "0000-00-00#838:59:59.000#0000-00-00 00:00:00.000000#small#",
      "",
      "9999-12-31#100:00:00.000#9999-12-31 23:59:59.999999#ä#b",
    ],
  ],
  ["concat_ws('#', v, x)", ["größe 😀#x#y", "#", "", "a#b#a\u0000b"]],
  ["hex(concat_ws('#', v, l))", ["6772C3B6C39F6520F09F9880236772C3B6C39F65", "23", "", "6123622361"]],
  ["hex(concat_ws('#', l, k))", ["6772F6DF652331", "2332", "33", "612334"]],
  ["hex(concat_ws('#', l, vb))", ["6772F6DF652300FF27", "23", "", "61236162"]],
  ["hex(concat_ws('#', v, vb, k))", ["6772C3B6C39F6520F09F98802300FF272331", "232332", "33", "6123622361622334"]],
  [
    "hex(concat('x', vb, u))",
    ["7800FF273138343436373434303733373039353531363135", "7830", null, "78616239303037313939323534373430393933"],
  ],
  ["concat_ws(null, k, v)", [null, null, null, null]],
  [
    "sha2(concat_ws('#', v, vb, u), 224)",
    [
      "4c2c89125dd2ac71b57bbaadaf14f38bae88cb9beacdaf5930637310",
      "8ba7f1eb55055c847ffb9553323ca02b6bc849089d9767af457e8e22",
      "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
      "1b237bb28e378da4877e7458a7c281dfaf335e94f107fda8a5da5dd2",
    ],
  ],
  [
    "sha2(concat_ws('#', l), 224)",
    [
      "bd057a9d2baa151a100690038a4f6cd0c43abe2a506e71b890a09925",
      "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
      "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
      "abd37534c7d9a2efb9465de931cd7055ffdb8879563ae98078d6d6d5",
    ],
  ],
  [
    "sha2(l, 256)",
    [
      "88c13cb006ab95fa372c23267014103c4860644ba441343cca9b44ffa536e525",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      null,
      "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
    ],
  ],
  [
    "sha2(u, 224)",
    [
      "0aca237baf743228821b774a7a12312df24cc973a2c0b9f93965ab82",
      "dfd5f9139a820075df69d7895015360b76d0360f3d4b77a845689614",
      null,
      "715c10737e11c5cf5a57a7ebf38b016d4789ca347823e7c9dd9eaaaf",
    ],
  ],
  ["hex(cast(c as binary))", ["6162", "", null, "2061"]],
  ["hex(cast(l as binary))", ["6772F6DF65", "", null, "61"]],
  ["hex(cast(convert(l using utf8mb4) as binary))", ["6772C3B6C39F65", "", null, "61"]],
  ["hex(cast(e as binary))", ["4D454449554D", "736D616C6C", null, "C3A4"]],
  ["hex(cast(iz as binary))", ["303030303035", "31323334353637", null, "303030303030"]],
  ["hex(cast(f as binary))", ["302E31", "3136373737323030", null, "2D312E35"]],
  ["hex(bn)", ["61620000", "00000000", null, "0A0D0000"]],
  ["hex(b10)", ["201", "0", null, "7"]],
  ["hex(u)", ["FFFFFFFFFFFFFFFF", "0", null, "20000000000001"]],
  ["hex(d)", ["0", "20000000000002", null, "64"]],
  ["length(v)", ["12", "0", null, "3"]],
  ["length(x)", ["3", "0", null, "3"]],
  ["length(l)", ["5", "0", null, "1"]],
  ["length(e)", ["6", "5", null, "2"]],
  ["length(b64)", ["8", "8", null, "8"]],
  ["length(tm)", ["13", "13", null, "13"]],
  ["length(iz)", ["6", "7", null, "6"]],
  ["concat(isnull(v), isnull(k))", ["00", "00", "10", "00"]],
  ["coalesce(iz, 'N')", ["000005", "1234567", "N", "000000"]],
  ["coalesce(y, 'N')", ["2024", "0000", "N", "1901"]],
  ["coalesce(d, 'N')", ["-0.0000000001", "9007199254740993.5000000000", "N", "100.0000000000"]],
  ["coalesce(length(vb), 'N')", ["3", "0", "N", "2"]],
  ["hex(coalesce(vb, 'N'))", ["00FF27", "", "4E", "6162"]],
  ["coalesce(b64 + 0, 'N')", ["18446744073709551615", "1", "N", "10"]],
  ["coalesce(unix_timestamp(ts), 'N')", ["1719828000", "0", "N", "1729989000"]],
  [
    "coalesce(ts6, 'N')",
    ["2024-07-01 12:00:00.000001", "0000-00-00 00:00:00.000000", "N", "2038-01-19 05:14:07.999999"],
  ],
  ["unix_timestamp(ts)", ["1719828000", "0", null, "1729989000"]],
  ["unix_timestamp(ts6)", ["1719828000.000001", "0.000000", null, "2147483647.999999"]],
  [
    "concat_ws('#', unix_timestamp(ts6), unix_timestamp(ts))",
    ["1719828000.000001#1719828000", "0.000000#0", "", "2147483647.999999#1729989000"],
  ],
  ["convert_tz(ts, '+02:00', '+05:30')", ["2024-07-01 15:30:00", null, null, "2024-10-27 06:00:00"]],
  ["convert_tz(dtm, '+00:00', 'SYSTEM') is null", ["0", "1", "1", "0"]],
  ["iz + 0", ["5", "1234567", null, "0"]],
  ["b64 + 0", ["18446744073709551615", "1", null, "10"]],
  ["d + 0", ["-0.0000000001", "9007199254740993.5000000000", null, "100.0000000000"]],
  ["u + 0", ["18446744073709551615", "0", null, "9007199254740993"]],
  ["cast(b64 as unsigned)", ["18446744073709551615", "1", null, "10"]],
  ["cast(b64 as signed)", ["-1", "1", null, "10"]],
  ["cast(f as decimal(20, 10))", ["0.1000000015", "16777216.0000000000", null, "-1.5000000000"]],
  [
    "cast(d as decimal(65, 30))",
    [
      "-0.000000000100000000000000000000",
      "9007199254740993.500000000000000000000000000000",
      null,
      "100.000000000000000000000000000000",
    ],
  ],
  [
    "cast(u as decimal(65, 30))",
    [
      "18446744073709551615.000000000000000000000000000000",
      "0.000000000000000000000000000000",
      null,
      "9007199254740993.000000000000000000000000000000",
    ],
  ],
  ["cast(b as unsigned)", ["9223372036854775808", "0", null, "9223372036854775807"]],
  ["left(sha2(v, 224), 16)", ["cfecd3f2db7f2e61", "d14a028c2a3a2bc9", null, "5f448cd277cc7925"]],
  ["hex(left(vb, 2))", ["00FF", "", null, "6162"]],
  ["hex(left(x, 2))", ["7823", "", null, "6100"]],
  [
    "conv(left(sha2(concat_ws('#', v, vb), 224), 16), 16, 10)",
    ["7347098788221829415", "15677327900242532072", "15080869103230659529", "12000948193230758933"],
  ],
  [
    "cast(conv(left(sha2(concat_ws('#', v, vb), 224), 16), 16, 10) as unsigned)",
    ["7347098788221829415", "15677327900242532072", "15080869103230659529", "12000948193230758933"],
  ],
  ["conv('', 16, 10)", [null, null, null, null]],
  ["conv(null, 16, 10)", [null, null, null, null]],
  [
    "coalesce(cast(conv(left(sha2(v, 224), 16), 16, 10) as unsigned), 10000000000000000000000000000000000000000)",
    [
      "14982583100372889185",
      "15080869103230659529",
      "10000000000000000000000000000000000000000",
      "6864766567600388389",
    ],
  ],
];

async function filled(): Promise<TestServer> {
  const server = await start();
  for (const statement of setup) server.run(statement);
  return server;
}

test("what a digest is made of is as MariaDB has it", async () => {
  const { rows } = await filled();
  for (const [expression, expected] of answers) {
    expect(rows(`select ${expression} from m order by k`).flat(), expression).toEqual(expected);
  }
});

/** Every column, so that equal rows have equal texts and others have others, on any server. */
const row = `concat_ws('#', 
  coalesce(iz, 'N'), 
  coalesce(b, 'N'), 
  coalesce(u, 'N'), 
  coalesce(d, 'N'), 
  coalesce(db, 'N'), 
  coalesce(y, 'N'), 
  coalesce(dt, 'N'), 
  coalesce(tm, 'N'), 
  coalesce(dtm, 'N'), 
  coalesce(e, 'N'), 
  coalesce(s, 'N'), k, 
  coalesce(b10 + 0, 'N'), 
  coalesce(b64 + 0, 'N'), 
  coalesce(unix_timestamp(ts), 'N'), 
  coalesce(unix_timestamp(ts6), 'N'), 
  coalesce(length(c), 'N'), cast(c as binary), 
  coalesce(length(v), 'N'), cast(v as binary), 
  coalesce(length(x), 'N'), cast(x as binary), 
  coalesce(length(e), 'N'), cast(e as binary), 
  coalesce(length(s), 'N'), cast(s as binary), 
  coalesce(length(vb), 'N'), vb, 
  coalesce(length(bn), 'N'), bn, 
  coalesce(length(cast(convert(l using utf8mb4) as binary)), 'N'), cast(convert(l using utf8mb4) as binary))`;
const digest = `cast(conv(left(sha2(${row}, 224), 16), 16, 10) as unsigned)`;

test("digests are summed up exactly", async () => {
  const { rows } = await filled();
  expect(rows("select count(*), count(v) from m")).toEqual([["4", "3"]]);
  expect(rows("select count(*), count(v) from m where k > 100")).toEqual([["0", "0"]]);
  expect(rows("select sum(u), sum(b), sum(d), sum(iz), sum(b64), sum(db) from m")).toEqual([
    ["18455751272964292608", "-1", "9007199254741093.4999999999", "1234572", "18446744073709551626", "1e300"],
  ]);
  expect(rows("select sum(u), sum(b), sum(d), sum(iz), sum(b64), sum(db) from m where k > 100")).toEqual([
    [null, null, null, null, null, null],
  ]);
  expect(rows("select sum(unix_timestamp(ts6)), max(dtm), min(v) from m")).toEqual([
    ["3867311648.000000", "9999-12-31 23:59:59.999999", ""],
  ]);
  expect(rows("select sum(unix_timestamp(ts6)), max(dtm), min(v) from m where k > 100")).toEqual([[null, null, null]]);
  expect(rows("select coalesce(sum(u), 0), coalesce(sum(k), 0) from m")).toEqual([["18455751272964292608", "10"]]);
  expect(rows("select coalesce(sum(u), 0), coalesce(sum(k), 0) from m where k > 100")).toEqual([["0", "0"]]);
  expect(rows("select bit_xor(u), bit_xor(b), bit_or(b10), bit_and(u) from m")).toEqual([
    ["18437736874454810622", "18446744073709551615", "519", "0"],
  ]);
  expect(rows("select bit_xor(u), bit_xor(b), bit_or(b10), bit_and(u) from m where k > 100")).toEqual([
    ["0", "0", "0", "18446744073709551615"],
  ]);
  expect(rows(`select bit_xor(${digest}) from m`)).toEqual([["5184309893379255034"]]);
  expect(rows(`select bit_xor(${digest}) from m where k > 100`)).toEqual([["0"]]);
  expect(rows(`select sum(${digest}) from m`)).toEqual([["40995658024569300056"]]);
  expect(rows(`select sum(${digest}) from m where k > 100`)).toEqual([[null]]);
  expect(
    rows(`select coalesce(sum(coalesce(${digest}, 10000000000000000000000000000000000000000)), 0) from m`),
  ).toEqual([["40995658024569300056"]]);
  expect(
    rows(
      `select coalesce(sum(coalesce(${digest}, 10000000000000000000000000000000000000000)), 0) from m where k > 100`,
    ),
  ).toEqual([["0"]]);
  expect(rows("select sum(crc32(concat_ws('#', k, v, vb))) from m")).toEqual([["10960580376"]]);
  expect(rows("select sum(crc32(concat_ws('#', k, v, vb))) from m where k > 100")).toEqual([[null]]);
});

test("unix_timestamp() of a column doesn't mind an hour that the session's clock has twice", async () => {
  const { run, rows } = await start();
  run("set time_zone = '+00:00'");
  run("create table t (s timestamp, f timestamp(3))");
  run(
    "insert into t values ('2024-10-27 00:30:00', '2024-10-27 00:30:00.5'), ('2024-10-27 01:30:00', '2024-10-27 01:30:00.5')",
  );
  run("set time_zone = 'Europe/Berlin'");
  expect(rows("select s, unix_timestamp(s), unix_timestamp(f) from t")).toEqual([
    ["2024-10-27 02:30:00", "1729989000", "1729989000.500"],
    ["2024-10-27 02:30:00", "1729992600", "1729992600.500"],
  ]);
});
