import fc from "fast-check";
import { expect, it } from "vitest";
import { withoutForeignKeys } from "../../../src/schema/foreign-keys.js";
import { readTable } from "../../../src/schema/table.js";

/** What breaks a parser that looks for commas, lines, quotes or words alone. */
const piece = fc.constantFrom(
  ",",
  ",\n  ",
  "\n",
  "(",
  ")",
  "'",
  '"',
  "`",
  "\\",
  "CONSTRAINT",
  " FOREIGN KEY (",
  "REFERENCES",
  "/*",
  "*/",
  "--",
  "#",
  "ü",
  "表",
  "😀",
  "a",
  " ",
  "1",
);
const wild = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(""));
const name = wild.map((text) => `\`${text.replaceAll("`", "``")}\``);
const names = fc.array(name, { minLength: 1, maxLength: 3 }).map((list) => list.join(","));

/** As servers print it in defaults and comments, and as they print it in expressions. */
const string = fc.oneof(
  wild.map((text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\n", "\\n")}'`),
  wild.map((text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`),
);

const column = fc.oneof(
  fc.tuple(name, string, string).map((parts) => `${parts[0]} varchar(20) DEFAULT ${parts[1]} COMMENT ${parts[2]}`),
  fc.tuple(name, string).map((parts) => `${parts[0]} enum(${parts[1]},'x') NOT NULL /*!80023 INVISIBLE */`),
  fc
    .tuple(name, name, string)
    .map((parts) => `${parts[0]} text GENERATED ALWAYS AS (concat(${parts[1]},(${parts[2]}))) VIRTUAL`),
);
const other = fc.oneof(
  fc.tuple(name, names, string).map((parts) => `KEY ${parts[0]} (${parts[1]}) COMMENT ${parts[2]}`),
  fc.tuple(name, name, string).map((parts) => `CONSTRAINT ${parts[0]} CHECK ((${parts[1]} <> ${parts[2]}))`),
  names.map((list) => `PRIMARY KEY (${list})`),
);
const foreignKey = fc
  .tuple(name, names, name, names, fc.constantFrom("", " ON DELETE CASCADE", " ON DELETE SET NULL ON UPDATE CASCADE"))
  .map((parts) => `CONSTRAINT ${parts[0]} FOREIGN KEY (${parts[1]}) REFERENCES ${parts[2]} (${parts[3]})${parts[4]}`);

const options = string.map((text) => `ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT=${text}`);
const definitions = fc.array(
  fc.oneof(
    { arbitrary: column, weight: 2 },
    other,
    foreignKey.map((text) => ({ foreignKey: text })),
  ),
  { maxLength: 8 },
);

function print(table: string, lines: string[], end: string): string {
  return `CREATE TABLE ${table} (\n${lines.map((line) => `  ${line}`).join(",\n")}\n) ${end}`;
}

it("cuts foreign keys out, and leaves every other byte as it is", () => {
  fc.assert(
    fc.property(name, column, definitions, options, (table, first, rest, end) => {
      const all = [first, ...rest];
      const kept = all.filter((line) => typeof line === "string");
      const sql = print(
        table,
        all.map((line) => (typeof line === "string" ? line : line.foreignKey)),
        end,
      );
      expect(readTable(sql).foreignKeys).toHaveLength(all.length - kept.length);
      const cut = withoutForeignKeys(sql);
      expect(cut).toBe(print(table, kept, end));
      expect(withoutForeignKeys(cut)).toBe(cut);
    }),
    { numRuns: 1000 },
  );
});
