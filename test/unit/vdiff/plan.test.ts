import { describe, expect, test } from "vitest";
import { parseColumns } from "../../../src/schema/columns.js";
import { charsetWarning } from "../../../src/vdiff/plan/charset-check.js";
import { withTexts } from "../../../src/vdiff/plan/connection-charset.js";
import { parseFilter } from "../../../src/vdiff/plan/filter.js";
import { planTables, queryText } from "../../../src/vdiff/plan/plan.js";
import type { FilterRule } from "../../../src/wire/binlog-source.js";
import type { TableDefinition__Output as TableDefinition } from "../../../src/wire/generated/tabletmanagerdata/TableDefinition.js";
import { field } from "./fake/table.js";

function table(
  name: string,
  columns: string[],
  key: string[],
  options = "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci",
): TableDefinition {
  const lines = columns.map((column) => `  ${column}`);
  if (key.length > 0) lines.push(`  PRIMARY KEY (${key.map((column) => `\`${column}\``).join(",")})`);
  const schema = `CREATE TABLE \`${name}\` (\n${lines.join(",\n")}\n) ENGINE=InnoDB ${options}`;
  return {
    name,
    schema,
    columns: columns.map((column) => /^`((?:[^`]|``)*)`/.exec(column)?.[1]?.replaceAll("``", "`") ?? ""),
    primary_key_columns: key,
    type: "BASE TABLE",
    data_length: "0",
    row_count: "7",
    fields: [],
  };
}

/** One stream. */
const between = (rules: FilterRule[]) => [{ source: "0", target: "0", rules }];

function plan(source: TableDefinition, target: TableDefinition, filter = `select * from ${target.name}`) {
  const { plans, warnings } = planTables({
    streams: between([{ match: target.name, filter }]),
    tables: [],
    source: [source],
    target: [target],
  });
  const [only] = plans;
  if (only === undefined) throw new Error("no plan");
  return { plan: only, warnings };
}

describe("queries", () => {
  test("select text as bytes on a side whose connections aren't in utf8mb4, and sort it as text", () => {
    const definition = table(
      "order",
      ["`key` varchar(9) NOT NULL", "`n` int", "`j` json", "`b` varbinary(9)"],
      ["key"],
    );
    const { plans } = planTables({
      streams: between([{ match: "order", filter: "" }]),
      tables: [],
      source: [definition],
      target: [{ ...definition, fields: [field("key", "VARCHAR"), field("j", "JSON")] }],
      textAsBytes: new Set(["target"]),
    });
    expect(plans.map((t) => queryText(t.sourceQuery))).toEqual([
      "select `key`, n, j, b from `order` order by `key` asc",
    ]);
    expect(plans.map((t) => queryText(t.targetQuery, "`key` in ('a')"))).toEqual([
      "select cast(convert(`key` using utf8mb4) as binary) as `key`, n, cast(convert(j using utf8mb4) as binary) as j, b from `order` where `key` in ('a') order by `order`.`key` asc",
    ]);
    const columns = plans[0]?.columns ?? [];
    const sent = ["key", "n", "j", "b"].map((name) => field(name, "VARBINARY"));
    expect(withTexts(sent, columns, "source")).toEqual(sent);
    expect(withTexts(sent, columns, "target").map(({ type, charset }) => [type, charset])).toEqual([
      ["VARCHAR", 45],
      ["VARBINARY", 63],
      ["JSON", 45],
      ["VARBINARY", 63],
    ]);
  });

  test("select what a filter makes of text as bytes too, sorted as it comes", () => {
    const definition = table("t", ["`a` varchar(9) NOT NULL", "`b` varchar(9)"], ["a"]);
    const { plans } = planTables({
      streams: between([{ match: "t", filter: "select lower(b) as a, a as b from t" }]),
      tables: [],
      source: [definition],
      target: [definition],
      textAsBytes: new Set(["source"]),
    });
    expect(plans.map((t) => queryText(t.sourceQuery))).toEqual([
      "select cast(convert(lower(b) using utf8mb4) as binary) as a, cast(convert(a using utf8mb4) as binary) as b from t order by a asc",
    ]);
  });

  test("name every column of the target, in its order, sorted by its key", () => {
    const source = table("t", ["`b` int", "`a` int NOT NULL"], ["a"]);
    const target = table("t", ["`a` int NOT NULL", "`b` int"], ["a"]);
    const { plan: t } = plan(source, target);
    expect(queryText(t.sourceQuery)).toBe("select a, b from t order by a asc");
    expect(queryText(t.targetQuery)).toBe("select a, b from t order by a asc");
    expect(t.estimatedRows).toBe(7);
  });

  test("quote names as Vitess does", () => {
    const definition = table("order", ["`key` int NOT NULL", "`we ird` int", "`tick``s` int"], ["key"]);
    const { plan: t } = plan(definition, definition, "select * from `order`");
    expect(queryText(t.sourceQuery)).toBe("select `key`, `we ird`, `tick``s` from `order` order by `key` asc");
  });

  test("leave out what both sides generate", () => {
    const columns = [
      "`a` int NOT NULL COMMENT 'not GENERATED ALWAYS AS (1)'",
      "`b` int GENERATED ALWAYS AS ((`a` + 1)) VIRTUAL",
      "`c` varchar(10) COLLATE utf8mb4_bin GENERATED ALWAYS AS (concat(_utf8mb4'x',`a`)) STORED NOT NULL",
      "`d` int DEFAULT NULL",
    ];
    const definition = table("t", columns, ["a"]);
    expect(queryText(plan(definition, definition).plan.sourceQuery)).toBe("select a, d from t order by a asc");
  });

  test("keep the source's condition without the key range, and add what is asked for", () => {
    const definition = table("t", ["`a` int NOT NULL", "`b` int"], ["a"]);
    const filter = "select * from t where in_keyrange(a, 'ks.hash', '-80') and (b = 1 or b = 2)";
    const { plan: t } = plan(definition, definition, filter);
    expect(queryText(t.sourceQuery)).toBe("select a, b from t where (b = 1 or b = 2) order by a asc");
    expect(queryText(t.sourceQuery, "a in (1)")).toBe(
      "select a, b from t where ((b = 1 or b = 2)) and (a in (1)) order by a asc",
    );
    expect(queryText(t.targetQuery, "a in (1)")).toBe("select a, b from t where a in (1) order by a asc");
  });

  test("sort a table without a key by what can be sorted, and compare whole rows", () => {
    const definition = table("t", ["`a` int", "`j` json", "`b` text"], []);
    const { plan: t } = plan(definition, definition);
    expect(t.keyed).toBe(false);
    expect(t.shape.key).toEqual([0, 1, 2]);
    expect(queryText(t.sourceQuery)).toBe("select a, j, b from t order by a asc, b asc");
  });

  test("keys that differ are refused, unless the target's tells the source's rows apart too", () => {
    const columns = ["`a` int NOT NULL", "`b` int NOT NULL"];
    const [both, one, none] = [table("t", columns, ["a", "b"]), table("t", columns, ["a"]), table("t", columns, [])];
    expect(() => plan(both, one)).toThrow(
      "can't be compared: table t has primary key (a, b) on the source, primary key (a) on the target",
    );
    const wider = plan(one, both);
    expect(wider.plan.keyed).toBe(true);
    expect(wider.warnings).toEqual(["table t has primary key (a) on the source, primary key (a, b) on the target"]);
    const whole = plan(none, one);
    expect(whole.plan.keyed).toBe(false);
    expect(whole.warnings).toEqual(["table t has no primary key on the source, primary key (a) on the target"]);
  });
});

describe("schemas that differ", () => {
  test("stop the comparison where a column or table is missing, all at once", () => {
    const source = table("t", ["`a` int NOT NULL", "`old` int"], ["a"]);
    const target = table("t", ["`a` int NOT NULL", "`new` int"], ["a"]);
    const rules = ["t", "u"].map((match) => ({ match, filter: "" }));
    expect(() => planTables({ streams: between(rules), tables: [], source: [source], target: [target] })).toThrow(
      "source and target can't be compared: column old of table t is on the source only; column new of table t is on the target only; table u is missing on the source",
    );
  });

  test("warn of types and collations by name, but not of spellings", () => {
    const source = table(
      "t",
      [
        "`a` bigint(20) unsigned NOT NULL",
        "`b` varchar(10) CHARACTER SET utf8 DEFAULT 'x,y'",
        "`c` char(3)",
        "`d` int(11)",
        "`e` enum('a','b')",
      ],
      ["a"],
      "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci",
    );
    const target = table(
      "t",
      [
        "`a` bigint unsigned NOT NULL",
        "`b` varchar(10) CHARACTER SET utf8mb3 DEFAULT NULL",
        "`c` char(3)",
        "`d` bigint",
        "`e` enum('a','c')",
      ],
      ["a"],
    );
    expect(plan(source, target).warnings).toEqual([
      "column c of table t has collation utf8mb4_general_ci on the source, utf8mb4_0900_ai_ci on the target",
      "column d of table t is int on the source, bigint on the target",
      "column e of table t is enum('a','b') on the source, enum('a','c') on the target",
      "column e of table t has collation utf8mb4_general_ci on the source, utf8mb4_0900_ai_ci on the target",
    ]);
  });

  test("rules with patterns are refused", () => {
    const rules = [{ match: "/.*", filter: "" }];
    expect(() => planTables({ streams: between(rules), tables: [], source: [], target: [] })).toThrow(
      "wild card table names: /.*",
    );
  });

  test("the tablets' own tables are left out", () => {
    const rules = ["_vt_hld_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_", "t"].map((match) => ({
      match,
      filter: "",
    }));
    const definition = table("t", ["`a` int NOT NULL"], ["a"]);
    const { plans } = planTables({ streams: between(rules), tables: [], source: [definition], target: [definition] });
    expect(plans.map((t) => t.table)).toEqual(["t"]);
  });
});

test.each([
  ["", undefined, ""],
  ["-80", undefined, ""],
  ["select * from t", undefined, ""],
  ["select * from `t` where in_keyrange('-80')", undefined, ""],
  [
    "select * from t where a between 1 and 5 and in_keyrange(a, 'hash', '80-') and s = 'x and y'",
    undefined,
    "a between 1 and 5 and s = 'x and y'",
  ],
  ["select a, `b`, f(c, 1) as d from t", ["a", "b", "d"], ""],
])("the filter %j", (filter, columns, where) => {
  const parsed = parseFilter("t", filter);
  expect(parsed.from).toBe("t");
  expect(parsed.columns?.map((column) => column.alias)).toEqual(columns);
  expect(parsed.where).toBe(where);
});

test.each([
  "select a, count(*) as n from t group by a",
  "select f(a) from t",
  "select * from t where in_keyrange('-80') or a = 1",
  "update t set a = 1",
])("the filter %s is refused", (filter) => {
  expect(() => parseFilter("t", filter)).toThrow("can't be compared row by row");
});

test("a column's definition is read past quotes and parentheses", () => {
  const [a, b] = parseColumns(
    "CREATE TABLE `t` (\n  `a``b` decimal(10, 2) unsigned zerofill DEFAULT '1) AS (2',\n  `e` enum('x,y','it''s)') CHARACTER SET latin1 NOT NULL\n) CHARSET=latin1",
  );
  expect(a).toMatchObject({
    name: "a`b",
    type: "decimal(10,2) unsigned zerofill",
    collation: undefined,
    generated: false,
  });
  expect(b).toMatchObject({ name: "e", type: "enum('x,y','it''s)')", collation: "latin1 (default)", generated: false });
});

test("text that comes as utf8mb3 is warned of", () => {
  const text = (charset: number) => [{ ...field("name", "VARCHAR"), charset }];
  expect(charsetWarning({ source: text(255), target: text(45) })).toBeUndefined();
  expect(charsetWarning({ source: [field("id", "INT64")], target: [] })).toBeUndefined();
  expect(charsetWarning({ source: text(33), target: text(255) })).toMatch(
    /^the source's tablet sends .* pass for different$/,
  );
  expect(charsetWarning({ source: text(33), target: text(33) })).toMatch(
    /^the tablets of both sides send .* pass for equal$/,
  );
});
