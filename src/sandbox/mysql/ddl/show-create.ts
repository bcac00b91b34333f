/** SHOW CREATE TABLE's text, byte for byte as MySQL 8.4 prints it (sql_show.cc, store_create_info). */
import type { Column, ForeignKey, Key, Table, View } from "../catalog.js";
import { charsetOf, DEFAULT_COLLATION, isDefaultCollation } from "../collations.js";
import { formatColumnType, hasCharset, isLob } from "../types/column-type.js";
import { printExpression } from "./print-expression.js";

const quoteName = (name: string): string => `\`${name.replaceAll("`", "``")}\``;

/** append_unescaped: backslashes, quotes and line ends. */
function quoteText(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''").replaceAll("\0", "\\0").replaceAll("\n", "\\n").replaceAll("\r", "\\r")}'`;
}

export function showCreateTable(table: Table): string {
  const lines = [
    ...table.columns.map((column) => columnLine(column, table)),
    ...table.keys.map(keyLine),
    ...table.foreignKeys.map((foreignKey) => foreignKeyLine(foreignKey, table)),
    ...table.checks.map(
      ({ name, expr, enforced }) =>
        `CONSTRAINT ${quoteName(name)} CHECK (${printExpression(expr)})${enforced ? "" : " /*!80016 NOT ENFORCED */"}`,
    ),
  ];
  return `CREATE TABLE ${quoteName(table.name)} (\n${lines.map((line) => `  ${line}`).join(",\n")}\n) ${options(table)}`;
}

function columnLine(column: Column, table: Table): string {
  const parts = [quoteName(column.name), formatColumnType(column.type), ...charset(column, table)];
  if (column.generated) {
    const printed = printExpression(column.generated.expr);
    parts.push(`GENERATED ALWAYS AS (${printed}) ${column.generated.stored ? "STORED" : "VIRTUAL"}`);
  }
  if (!column.nullable) parts.push("NOT NULL");
  else if (column.type.base === "timestamp") parts.push("NULL");
  const defaultText = column.generated ? undefined : defaultClause(column);
  if (defaultText !== undefined) parts.push(`DEFAULT ${defaultText}`);
  if (column.onUpdateNow) parts.push(`ON UPDATE ${now(column)}`);
  if (column.autoIncrement) parts.push("AUTO_INCREMENT");
  if (column.invisible) parts.push("/*!80023 INVISIBLE */");
  if (column.comment !== "") parts.push(`COMMENT ${quoteText(column.comment)}`);
  return parts.join(" ");
}

/** The character set when it isn't the table's or COLLATE was written; the collation when it isn't the default or was written. */
function charset(column: Column, table: Table): string[] {
  const { collation } = column.type;
  if (!hasCharset(column.type) || collation === undefined) return [];
  const parts: string[] = [];
  const differs = collation !== table.collation;
  if (differs || column.explicitCollation) parts.push(`CHARACTER SET ${charsetOf(collation)}`);
  if (!isDefaultCollation(collation) || column.explicitCollation || (differs && collation === DEFAULT_COLLATION)) {
    parts.push(`COLLATE ${collation}`);
  }
  return parts;
}

function now(column: Column): string {
  return column.type.scale ? `CURRENT_TIMESTAMP(${column.type.scale})` : "CURRENT_TIMESTAMP";
}

function defaultClause(column: Column): string | undefined {
  switch (column.default.kind) {
    case "now":
      return now(column);
    case "value":
      return column.type.base === "bit" ? `b'${column.default.text}'` : quoteText(column.default.text);
    case "expression":
      return `(${printExpression(column.default.expr)})`;
    case "null":
      return isLob(column.type) ? undefined : "NULL";
    default:
      return undefined;
  }
}

function keyLine(key: Key): string {
  const kinds = {
    primary: "PRIMARY KEY",
    unique: "UNIQUE KEY",
    plain: "KEY",
    fulltext: "FULLTEXT KEY",
    spatial: "SPATIAL KEY",
  };
  const name = key.kind === "primary" ? "" : ` ${quoteName(key.name)}`;
  const parts = key.parts.map(({ column, expr, length, descending }) => {
    const what = column
      ? `${quoteName(column.name)}${length === undefined ? "" : `(${length})`}`
      : expr
        ? `(${printExpression(expr)})`
        : "";
    return `${what}${descending ? " DESC" : ""}`;
  });
  const using = key.using ? ` USING ${key.using}` : "";
  const comment = key.comment === "" ? "" : ` COMMENT ${quoteText(key.comment)}`;
  return `${kinds[key.kind]}${name} (${parts.join(",")})${using}${comment}${key.invisible ? " /*!80000 INVISIBLE */" : ""}`;
}

function foreignKeyLine(foreignKey: ForeignKey, table: Table): string {
  const parent =
    foreignKey.parentDatabase === table.database
      ? quoteName(foreignKey.parentTable)
      : `${quoteName(foreignKey.parentDatabase)}.${quoteName(foreignKey.parentTable)}`;
  const columns = foreignKey.columns.map((column) => quoteName(column.name)).join(", ");
  const action = (event: string, what: string | undefined): string =>
    what === undefined || what === "NO ACTION" ? "" : ` ON ${event} ${what}`;
  return (
    `CONSTRAINT ${quoteName(foreignKey.name)} FOREIGN KEY (${columns}) REFERENCES ${parent} ` +
    `(${foreignKey.parentColumns.map(quoteName).join(", ")})${action("DELETE", foreignKey.onDelete)}${action("UPDATE", foreignKey.onUpdate)}`
  );
}

function options(table: Table): string {
  const { collation } = table;
  const hasAuto = table.columns.some((column) => column.autoIncrement);
  const parts = ["ENGINE=InnoDB"];
  if (hasAuto && table.nextAuto > 1n) parts.push(`AUTO_INCREMENT=${table.nextAuto}`);
  parts.push(`DEFAULT CHARSET=${charsetOf(collation)}`);
  if (!isDefaultCollation(collation) || collation === DEFAULT_COLLATION) parts.push(`COLLATE=${collation}`);
  if (table.options.rowFormat) parts.push(`ROW_FORMAT=${table.options.rowFormat}`);
  if (table.options.keyBlockSize) parts.push(`KEY_BLOCK_SIZE=${table.options.keyBlockSize}`);
  if (table.options.comment) parts.push(`COMMENT=${quoteText(table.options.comment)}`);
  return parts.join(" ");
}

export function showCreateView(view: View): string {
  return `CREATE ALGORITHM=UNDEFINED DEFINER=\`root\`@\`localhost\` SQL SECURITY DEFINER VIEW ${quoteName(view.name)} AS ${view.queryText}`;
}

export function showCreateDatabase(name: string, collation: string, ifNotExists: boolean): string {
  const exists = ifNotExists ? "/*!32312 IF NOT EXISTS*/ " : "";
  const collate = !isDefaultCollation(collation) || collation === DEFAULT_COLLATION ? ` COLLATE ${collation}` : "";
  return `CREATE DATABASE ${exists}${quoteName(name)} /*!40100 DEFAULT CHARACTER SET ${charsetOf(collation)}${collate} */ /*!80016 DEFAULT ENCRYPTION='N' */`;
}
