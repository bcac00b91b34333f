import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compareTables } from "../../../src/schema/differences.js";
import { withoutForeignKeys } from "../../../src/schema/foreign-keys.js";
import { hasRowIdentity, readTable } from "../../../src/schema/table.js";
import { readTableText } from "../../../src/schema/table-text.js";

const servers = ["mysql-5.7", "mysql-8.4", "mariadb-10.11"] as const;

function text(name: string): string {
  return readFileSync(new URL(`../../fixtures/create-table/${name}.sql`, import.meta.url), "utf8");
}

describe.each(servers)("a table with everything in it, as %s prints it", (server) => {
  const table = readTable(text(server));

  it("has its columns, whatever stands in their names and quotes", () => {
    const names = "id|a,b|e|s|j|g|g2|ts|ts2|dt|tx|bl|d|b1|bt|y|p|x`y|po";
    expect(table.columns.map((column) => column.name).join("|")).toBe(names);
    expect(table.columns.filter((column) => column.generated).map((column) => column.name)).toEqual(["g", "g2"]);
    expect(table.columns.filter((column) => !column.nullable).map((column) => column.name)).toEqual([
      "id",
      "s",
      "ts",
      "po",
    ]);
    expect(table.columns.slice(0, 3)).toMatchObject([
      { type: "int unsigned zerofill" },
      { type: "varchar(20)" },
      { type: "enum('a','b , c','it''s',')')" },
    ]);
  });

  it("has its keys", () => {
    expect(table.primaryKey).toEqual(["id"]);
    expect(table.keys).toMatchObject([
      { kind: "unique", name: "u", columns: ["a,b", "e"], partial: true },
      { kind: "plain", name: "k`k", columns: ["p"], text: "KEY `k``k` (`p`) COMMENT 'FOREIGN KEY (`p`), it''s'" },
      { kind: "spatial", name: "sp", columns: ["po"] },
      { kind: "fulltext", name: "ft", columns: ["tx"] },
    ]);
  });

  it("has one foreign key", () => {
    expect(table.foreignKeys).toMatchObject([
      { name: "fk, 1", columns: ["p"], parentTable: "parent", parentDatabase: undefined },
    ]);
  });

  it("loses the foreign key and nothing else", () => {
    const cut = withoutForeignKeys(text(server));
    const line = /,\n {2}CONSTRAINT `fk, 1` FOREIGN KEY[^\n]*?SET NULL/;
    expect(cut).toBe(text(server).replace(line, ""));
    expect(cut).not.toBe(text(server));
    expect(readTable(cut).foreignKeys).toEqual([]);
    expect(readTable(cut).keys).toEqual(table.keys);
  });

  it.each(servers)("is the same table as %s prints", (other) => {
    expect(compareTables(readTable(text(other)), table)).toEqual({ structure: [], rest: [] });
  });
});

it("keeps what stands behind the definitions", () => {
  const sql = text("mariadb-10.11-partitions");
  const words = readTableText(sql).options.map((word) => word.text);
  expect(words.slice(0, 3)).toEqual(["ENGINE", "=", "InnoDB"]);
  expect(words.slice(-5)).toEqual(["MAXVALUE", "ENGINE", "=", "InnoDB", ")"]);
  expect(readTable(sql).columns.map((column) => column.name)).toEqual(["id", "b", "c"]);
});

it("a text of another kind has no parts", () => {
  for (const sql of ["", "CREATE VIEW v AS SELECT 1", "CREATE TABLE `t` LIKE `u`", "drop table t"]) {
    expect(readTable(sql)).toEqual({ columns: [], primaryKey: [], keys: [], foreignKeys: [] });
    expect(withoutForeignKeys(sql)).toBe(sql);
  }
});

it("reads a foreign key into another database", () => {
  const sql =
    "CREATE TABLE `t` (\n  `a` int DEFAULT NULL,\n  CONSTRAINT `c` FOREIGN KEY (`a`, `b`) REFERENCES `o.ther`.`p``q` (`x`, `y`) ON UPDATE NO ACTION\n)";
  expect(readTable(sql).foreignKeys).toMatchObject([
    { name: "c", columns: ["a", "b"], parentDatabase: "o.ther", parentTable: "p`q" },
  ]);
});

describe("a row's identity", () => {
  it.each([
    ["PRIMARY KEY (`a`)", true],
    ["UNIQUE KEY `u` (`a`)", true],
    ["UNIQUE KEY `u` (`a`,`n`)", false],
    ["UNIQUE KEY `u` (`a`(10))", false],
    ["UNIQUE KEY `u` ((`a` + 1))", false],
    ["KEY `k` (`a`)", false],
  ])("%s: %s", (key, expected) => {
    const table = readTable(
      `CREATE TABLE \`t\` (\n  \`a\` varchar(20) NOT NULL,\n  \`n\` int DEFAULT NULL,\n  ${key}\n)`,
    );
    expect(hasRowIdentity(table)).toBe(expected);
  });
});
