/** Columns of every type, as data. */
export interface Kind {
  /** Its definition. */
  is: string;
  /** Vitess's name of the type. */
  type: string;
  /** What is inserted, as SQL, and the text that comes back. */
  values: readonly (readonly [sql: string, text: string])[];
  /** Their texts in events, where they differ. */
  logged?: readonly [string, string];
  /** The same until v19, where members of ENUM and SET have numbers there. */
  numbers?: readonly [string, string];
}

/** One column of every kind that copies meet. JSON, whose text is each server's own, is apart; text of a _bin collation is described as binary. */
export const KINDS: Kind[] = [
  {
    is: "tinyint",
    type: "INT8",
    values: [
      ["-128", "-128"],
      ["127", "127"],
    ],
  },
  {
    is: "smallint unsigned",
    type: "UINT16",
    values: [
      ["0", "0"],
      ["65535", "65535"],
    ],
  },
  {
    is: "mediumint",
    type: "INT24",
    values: [
      ["-8388608", "-8388608"],
      ["8388607", "8388607"],
    ],
  },
  {
    is: "int unsigned",
    type: "UINT32",
    values: [
      ["0", "0"],
      ["4294967295", "4294967295"],
    ],
  },
  {
    is: "bigint",
    type: "INT64",
    values: [
      ["-9223372036854775808", "-9223372036854775808"],
      ["7", "7"],
    ],
  },
  {
    is: "bigint unsigned",
    type: "UINT64",
    values: [
      ["18446744073709551615", "18446744073709551615"],
      ["0", "0"],
    ],
  },
  {
    is: "decimal(20,4)",
    type: "DECIMAL",
    values: [
      ["-1234567890123456.7", "-1234567890123456.7000"],
      ["0", "0.0000"],
    ],
    logged: ["-1234567890123456.7000", ".0000"],
  },
  {
    is: "float",
    type: "FLOAT32",
    values: [
      ["1.5", "1.5"],
      ["-0.25", "-0.25"],
    ],
    logged: ["1.5E+00", "-2.5E-01"],
  },
  {
    is: "double",
    type: "FLOAT64",
    values: [
      ["0.1", "0.1"],
      ["-123456.75", "-123456.75"],
    ],
    logged: ["1E-01", "-1.2345675E+05"],
  },
  {
    is: "bit(10)",
    type: "BIT",
    values: [
      ["b'1100000001'", "\u0003\u0001"],
      ["b'0'", "\0\0"],
    ],
  },
  {
    is: "date",
    type: "DATE",
    values: [
      ["'1000-01-01'", "1000-01-01"],
      ["'9999-12-31'", "9999-12-31"],
    ],
  },
  {
    is: "datetime(6)",
    type: "DATETIME",
    values: [
      ["'2026-01-02 03:04:05.678901'", "2026-01-02 03:04:05.678901"],
      ["'2026-01-02'", "2026-01-02 00:00:00.000000"],
    ],
  },
  {
    is: "timestamp(3) null",
    type: "TIMESTAMP",
    values: [
      ["'2026-01-02 03:04:05.678'", "2026-01-02 03:04:05.678"],
      ["'2026-07-01 00:00:00'", "2026-07-01 00:00:00.000"],
    ],
  },
  {
    is: "time(2)",
    type: "TIME",
    values: [
      ["'-838:59:59'", "-838:59:59.00"],
      ["'01:02:03.45'", "01:02:03.45"],
    ],
  },
  {
    is: "year",
    type: "YEAR",
    values: [
      ["1901", "1901"],
      ["2155", "2155"],
    ],
  },
  {
    is: "char(5) character set utf8mb4",
    type: "CHAR",
    values: [
      ["'a  '", "a"],
      ["'äöü'", "äöü"],
    ],
  },
  {
    is: "varchar(20) character set utf8mb4",
    type: "VARCHAR",
    values: [
      ["'it''s \\\\ \\n\"x\"'", 'it\'s \\ \n"x"'],
      ["''", ""],
    ],
  },
  {
    is: "varchar(20) character set utf8mb4 collate utf8mb4_bin",
    type: "VARBINARY",
    values: [
      ["'𝄞'", "𝄞"],
      ["'a '", "a "],
    ],
  },
  {
    is: "binary(4)",
    type: "BINARY",
    values: [
      ["'ab'", "ab\0\0"],
      ["0x01020304", "\u0001\u0002\u0003\u0004"],
    ],
  },
  {
    is: "varbinary(8)",
    type: "VARBINARY",
    values: [
      ["0x0027", "\0'"],
      ["''", ""],
    ],
  },
  {
    is: "text",
    type: "TEXT",
    values: [
      ["repeat('ü', 300)", "ü".repeat(300)],
      ["'x'", "x"],
    ],
  },
  {
    is: "blob",
    type: "BLOB",
    values: [
      ["0x0a0d1a00", "\n\r\u001a\0"],
      ["''", ""],
    ],
  },
  {
    is: "enum('small','big')",
    type: "ENUM",
    values: [
      ["'big'", "big"],
      ["'small'", "small"],
    ],
    numbers: ["2", "1"],
  },
  {
    is: "set('a','b','c')",
    type: "SET",
    values: [
      ["'a,c'", "a,c"],
      ["''", ""],
    ],
    numbers: ["5", "0"],
  },
];
