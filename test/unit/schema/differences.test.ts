import { describe, expect, it } from "vitest";
import { compareTables } from "../../../src/schema/differences.js";
import { missingKeys } from "../../../src/schema/keys.js";
import { readTable } from "../../../src/schema/table.js";

function create(lines: string[], options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"): string {
  return `CREATE TABLE \`t\` (\n${lines.map((line) => `  ${line}`).join(",\n")}\n) ${options}`;
}

function compare(source: string[], target: string[], options?: [source: string, target: string]) {
  return compareTables(readTable(create(source, options?.[0])), readTable(create(target, options?.[1])));
}

const none = { structure: [], rest: [] };

describe("another structure", () => {
  it.each<[what: string, source: string[], target: string[], expected: string[]]>([
    ["a column less", ["`a` int", "`b` int"], ["`a` int"], ["lacks column b"]],
    ["a column more", ["`a` int"], ["`a` int", "`b` int"], ["has column b, which the source has not"]],
    ["another type", ["`a` varchar(64)"], ["`a` varchar(32)"], ["column a is varchar(32), on the source varchar(64)"]],
    ["another sign", ["`a` int unsigned"], ["`a` int"], ["column a is int, on the source int unsigned"]],
    [
      "NULL where it wasn't",
      ["`a` int NOT NULL"],
      ["`a` int DEFAULT NULL"],
      ["column a is int, on the source int not null"],
    ],
    ["no NULL where it was", ["`a` int"], ["`a` int NOT NULL"], ["column a is int not null, on the source int"]],
    [
      "computed there",
      ["`a` int DEFAULT NULL"],
      ["`a` int GENERATED ALWAYS AS (1) VIRTUAL"],
      ["column a is int generated, on the source int"],
    ],
    [
      "other values",
      ["`a` enum('x','y , z')"],
      ["`a` enum('x','y','z')"],
      ["column a is enum('x','y','z'), on the source enum('x','y , z')"],
    ],
    [
      "another primary key",
      ["`a` int", "`b` int", "PRIMARY KEY (`a`,`b`)"],
      ["`a` int", "`b` int", "PRIMARY KEY (`b`,`a`)"],
      ["has primary key (b, a), the source primary key (a, b)"],
    ],
    [
      "no primary key",
      ["`a` int", "PRIMARY KEY (`a`)"],
      ["`a` int"],
      ["has no primary key, the source primary key (a)"],
    ],
  ])("%s", (_, source, target, structure) => {
    expect(compare(source, target)).toEqual({ structure, rest: [] });
  });

  it("is told in full", () => {
    expect(compare(["`a` int", "`b` int"], ["`b` text", "`c` int"]).structure).toHaveLength(3);
  });
});

describe("what servers print differently for the same table", () => {
  it.each<[what: string, source: string[], target: string[], options?: [string, string]]>([
    ["display widths", ["`a` bigint(20) unsigned", "`y` year(4)"], ["`a` bigint unsigned", "`y` year"]],
    [
      "utf8 and utf8mb3",
      ["`a` text CHARACTER SET utf8 COLLATE utf8_bin"],
      ["`a` text CHARACTER SET utf8mb3 COLLATE utf8mb3_bin"],
    ],
    [
      "the table's collation",
      ["`a` text"],
      ["`a` text"],
      ["DEFAULT CHARSET=utf8mb4", "DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci"],
    ],
    [
      "the column's character set where it is the table's",
      ["`a` varchar(9)"],
      ["`a` varchar(9) CHARACTER SET latin1 COLLATE latin1_swedish_ci"],
      ["DEFAULT CHARSET=latin1", "DEFAULT CHARSET=utf8mb4"],
    ],
    ["DEFAULT NULL of a text", ["`a` text", "`b` blob"], ["`a` text DEFAULT NULL", "`b` blob DEFAULT NULL"]],
    ["quotes of a default", ["`a` int DEFAULT '5'"], ["`a` int DEFAULT 5"]],
    ["now", ["`a` timestamp NULL DEFAULT CURRENT_TIMESTAMP"], ["`a` timestamp NULL DEFAULT current_timestamp()"]],
    [
      "MariaDB's JSON",
      ["`a` json"],
      ["`a` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`a`))"],
    ],
    ["the next number", ["`a` int"], ["`a` int"], ["ENGINE=InnoDB AUTO_INCREMENT=7", "ENGINE=InnoDB"]],
    [
      "actions that are there anyway",
      ["`a` int", "CONSTRAINT `x` FOREIGN KEY (`a`) REFERENCES `p` (`a`) ON DELETE RESTRICT"],
      ["`a` int", "CONSTRAINT `y` FOREIGN KEY (`a`) REFERENCES `p` (`a`) ON UPDATE NO ACTION"],
    ],
    [
      "a key's clothes",
      ["`a` int", "KEY `x` (`a`) USING BTREE COMMENT 'why'"],
      ["`a` int", "KEY `x` (`a`) /*!80000 INVISIBLE */"],
    ],
  ])("%s", (_, source, target, options) => {
    expect(compare(source, target, options)).toEqual(none);
    expect(compare(target, source, options && [options[1], options[0]])).toEqual(none);
  });
});

describe("what the copy doesn't mind is told apart", () => {
  it.each<[what: string, source: string[], target: string[], rest: string[]]>([
    ["the order", ["`a` int", "`b` int"], ["`b` int", "`a` int"], ["has its columns in another order"]],
    ["a key less", ["`a` int", "KEY `x` (`a`)"], ["`a` int"], ["lacks KEY `x` (`a`)"]],
    [
      "another key",
      ["`a` int", "`b` int", "KEY `x` (`a`)"],
      ["`a` int", "`b` int", "UNIQUE KEY `x` (`a`,`b` DESC)"],
      ["lacks KEY `x` (`a`)", "has UNIQUE KEY `x` (`a`,`b` DESC), which the source has not"],
    ],
    [
      "another foreign key",
      ["`a` int", "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`a`)"],
      ["`a` int", "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`a`) ON DELETE SET NULL"],
      [
        "lacks CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`a`)",
        "has CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`a`) ON DELETE SET NULL, which the source has not",
      ],
    ],
    [
      "a character set",
      ["`a` text CHARACTER SET latin1"],
      ["`a` text"],
      ["column a is in utf8mb4, on the source in latin1"],
    ],
    [
      "a collation that both print",
      ["`a` text COLLATE utf8mb4_bin"],
      ["`a` text COLLATE utf8mb4_general_ci"],
      ["column a is in utf8mb4_general_ci, on the source in utf8mb4_bin"],
    ],
  ])("%s", (_, source, target, rest) => {
    expect(compare(source, target)).toEqual({ structure: [], rest });
  });
});

describe("missingKeys", () => {
  const columns = ["`a` int NOT NULL", "`b` varchar(99)", "PRIMARY KEY (`a`)"];

  it("names secondary keys that are not there, as the source prints them", () => {
    const unique = "UNIQUE KEY `b` (`b`(10)) COMMENT 'x, y' /*!80000 INVISIBLE */";
    const source = create([...columns, unique, "KEY `ab` (`a`,`b`)", "FULLTEXT KEY `f` (`b`)"]);
    expect(missingKeys(source, create(columns))).toEqual([unique, "KEY `ab` (`a`,`b`)", "FULLTEXT KEY `f` (`b`)"]);
    expect(missingKeys(source, create([...columns, "KEY `other` (`a`,`b`)"]))).toEqual([
      unique,
      "FULLTEXT KEY `f` (`b`)",
    ]);
    expect(missingKeys(source, create([...columns, "UNIQUE KEY `b` (`b`)"]))).toContain(unique);
    expect(missingKeys(source, source)).toEqual([]);
  });

  it("says nothing of primary and foreign keys", () => {
    const source = create([...columns, "CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `p` (`a`)"]);
    expect(missingKeys(source, create(columns.slice(0, 2)))).toEqual([]);
  });
});
