import fc from "fast-check";
import { expect, test } from "vitest";
import { splitScript } from "../../../src/sandbox/mysql/parse/statement.js";
import { sqlString } from "../../../src/wire/sql.js";
import { start } from "./helpers.js";

test("every text comes back through a literal, whatever it holds", async () => {
  const { run, value } = await start();
  run("create table t (v longtext)");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (given) => {
      // Lone surrogates are no text.
      fc.pre(Buffer.from(given).toString() === given);
      run("delete from t");
      run(`insert into t values (${sqlString(given)})`);
      expect(value("select v from t")).toBe(given);
      expect(value(`select ${sqlString(given)}`)).toBe(given);
      expect(value(`select count(*) from t where v = ${sqlString(given)}`)).toBe("1");
    }),
    { numRuns: 200 },
  );
});

test("every blob comes back through a hex literal", async () => {
  const { run } = await start();
  run("create table t (v longblob)");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (given) => {
      run("delete from t");
      run(`insert into t values (x'${Buffer.from(given).toString("hex")}')`);
      expect(run("select v from t").rows[0]?.[0]).toEqual(Buffer.from(given));
    }),
    { numRuns: 200 },
  );
});

test("64-bit arithmetic agrees with BigInt", async () => {
  const { value } = await start();
  const int = fc.bigInt({ min: -(2n ** 31n), max: 2n ** 31n });
  fc.assert(
    fc.property(int, int, int, (a, b, c) => {
      expect(value(`select (${a}) + (${b}) * (${c})`)).toBe(String(a + b * c));
      expect(value(`select cast(${a} as decimal(65,10)) * cast(${b} as decimal(65,0))`)).toBe(`${a * b}.0000000000`);
      if (c !== 0n) expect(value(`select (${a}) div (${c})`)).toBe(String(a / c));
      if (c !== 0n) expect(value(`select (${a}) % (${c})`)).toBe(String(a % c));
      expect(value(`select (${a}) ^ (${b})`)).toBe(String(BigInt.asUintN(64, a ^ b)));
    }),
    { numRuns: 60 },
  );
});

test("conditions over AND, OR and NOT agree with JavaScript", async () => {
  const { value } = await start();
  const atom = fc.boolean().map((bit) => ({ sql: bit ? "1 = 1" : "1 = 0", js: String(bit) }));
  const joined = fc.array(fc.tuple(fc.constantFrom(["or", "||"], ["and", "&&"]), fc.boolean(), atom), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(atom, joined, (first, rest) => {
      const sql = rest.reduce(
        (text, [[word], not, each]) => `${text} ${word} ${not ? "not " : ""}${each.sql}`,
        first.sql,
      );
      const js = rest.reduce(
        (text, [[, symbol], not, each]) => `${text} ${symbol} ${not ? "!" : ""}${each.js}`,
        first.js,
      );
      expect(value(`select ${sql}`)).toBe(new Function(`return ${js}`)() ? "1" : "0");
    }),
    { numRuns: 100 },
  );
});

test("scripts are split outside quotes and comments only", () => {
  expect(splitScript("a; `b;c` ; 'd\\';e' -- f;g\n;/* h;i */ j;;\n")).toEqual([
    "a",
    "`b;c` ",
    "'d\\';e' -- f;g\n",
    "j",
  ]);
  expect(() => splitScript("select 'open")).toThrow("near ''open'");
});
