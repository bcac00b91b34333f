import { beforeAll, describe, expect, test } from "vitest";
import { EVERYTHING, type Span, spanCondition } from "../../../../src/vdiff/checksum/range-key.js";
import { type TwoSides, twoSides } from "./two-sides.js";

const random = (seed: number) => () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};

const next = random(7);
const integer = (below: number) => Math.floor(next() * below);
const pad = (n: number) => String(n).padStart(2, "0");
const word = () => Array.from({ length: 1 + integer(5) }, () => "aAäÄeé'\\ßz😀 -"[integer(13)] ?? "x").join("");
const text = (value: string) => `X'${Buffer.from(value.replace(/[\ud800-\udfff]/g, "q")).toString("hex")}'`;
const day = () => `'20${pad(integer(30))}-${pad(1 + integer(12))}-${pad(1 + integer(28))}'`;

/** Each with what makes a value, as SQL, of the columns of its key. */
const keys: [columns: string, key: string, values: () => string][] = [
  ["a bigint not null", "a", () => String(integer(100_000) - 50_000)],
  ["a bigint unsigned not null", "a", () => `${18446744073709551615n - BigInt(integer(100_000))}`],
  ["a decimal(30, 10) not null", "a", () => `${integer(100_000) - 50_000}.${integer(1000)}`],
  ["a varchar(20) collate utf8mb4_general_ci not null", "a", () => text(word())],
  ["a varchar(20) collate utf8mb4_bin not null", "a", () => text(word())],
  ["a varchar(20) character set latin1 not null", "a", () => text(word().replace(/[äÄé]/g, "o"))],
  ["a varbinary(20) not null", "a", () => `X'${integer(0xffffff).toString(16).padStart(6, "0")}'`],
  ["a binary(4) not null", "a", () => `X'${integer(0xffffff).toString(16).padStart(6, "0")}'`],
  ["a datetime not null", "a", () => `concat(${day()}, ' 0${integer(9)}:${pad(integer(60))}:00')`],
  ["a time not null", "a", () => `'${integer(2) === 0 ? "-" : ""}${integer(800)}:${pad(integer(60))}:00'`],
  ["a date not null, b int not null", "a, b", () => `${day()}, ${integer(5)}`],
  [
    "a int not null, b varchar(9) not null, c bigint not null",
    "a, b, c",
    () => `${integer(4)}, ${text(word())}, ${integer(9)}`,
  ],
  // Cut along its first column alone.
  ["a int not null, b enum('z', 'a', 'm') not null", "a, b", () => `${integer(200)}, ${1 + integer(3)}`],
  ["`select` int not null, `we ird` int not null", "`select`, `we ird`", () => `${integer(50)}, ${integer(50)}`],
];

let servers: TwoSides;
beforeAll(async () => {
  servers = await twoSides({ source: "create table t (a int)", shards: [2, 1] });
});

describe("a table cut along its key", () => {
  test.each(keys)("%s", async (columns, key, values) => {
    const clusters = await twoSides({
      source: `create table t (${columns}, primary key (${key}))`,
      shards: [2, 1],
      servers,
    });
    const rows = Array.from({ length: 400 }, () => `(${values()})`);
    clusters.source[0]?.run(`insert ignore into t values ${rows.slice(0, 300).join(", ")}`);
    clusters.source[1]?.run(`insert ignore into t values ${rows.slice(300).join(", ")}`);

    const spans: Span[] = [];
    for await (const span of clusters.sides.cut("source", EVERYTHING, 40)) spans.push(span);

    expect(spans.length).toBeGreaterThan(5);
    for (const server of clusters.source) {
      const conditions = spans.map((span) => spanCondition(clusters.sides.key, span));
      const inEach = conditions.map((condition) => Number(server.value(`select count(*) from t where ${condition}`)));
      const total = Number(server.value("select count(*) from t"));
      expect(inEach.reduce((sum, count) => sum + count, 0)).toBe(total);
      // None twice: every row is in as many ranges as there are.
      const often = conditions.map((condition) => `(${condition})`).join(" + ");
      expect(server.value(`select count(*) from t where ${often} <> 1`)).toBe("0");
    }
  });

  test.each([
    ["an ENUM, which sorts by its index", "a enum('z', 'a') primary key"],
    ["a TIMESTAMP, which the session's time zone shows", "a timestamp not null primary key"],
    ["a FLOAT, which is printed inexactly", "a float primary key"],
    ["no key", "a int"],
  ])("is one range with %s", async (_what, columns) => {
    const { sides } = await twoSides({ source: `create table t (${columns})`, servers });
    expect(sides.key).toEqual([]);
  });

  test("is one range where the two servers sort differently", async () => {
    const ddl = (collation: string) => `create table t (a varchar(9) collate ${collation} primary key)`;
    const { sides } = await twoSides({ source: ddl("utf8mb4_bin"), target: ddl("utf8mb4_general_ci"), servers });
    expect(sides.key).toEqual([]);
  });

  test("is cut along those columns alone that both primary keys begin with", async () => {
    const ddl = (key: string) =>
      `create table t (a int not null, b int not null, c int not null, primary key (${key}))`;
    const keyOf = async (source: string, target: string) =>
      (await twoSides({ source: ddl(source), target: ddl(target), servers })).sides.key.map(({ label }) => label);
    expect(await keyOf("a, b", "a, b, c")).toEqual(["a", "b"]);
    expect(await keyOf("a, b, c", "a, c, b")).toEqual(["a"]);
    expect(await keyOf("b", "a, b")).toEqual([]);
  });

  test("isn't cut at a zero date, which MySQL refuses as a literal", async () => {
    const source = "create table t (a date not null, b int not null, primary key (a, b))";
    const clusters = await twoSides({ source, servers });
    clusters.source[0]?.run("set sql_mode = ''");
    clusters.source[0]?.run(
      `insert into t values ${Array.from({ length: 20 }, (_, i) => `('0000-00-00', ${i})`).join(", ")}`,
    );
    const spans: Span[] = [];
    for await (const span of clusters.sides.cut("source", EVERYTHING, 5)) spans.push(span);
    expect(spans).toEqual([EVERYTHING]);
  });
});
