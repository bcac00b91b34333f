/** SHOW and DESCRIBE. Each builds its rows from the catalog; LIKE and WHERE then choose among them. */
import type { Field__Output } from "../../../wire/generated/query/Field.js";
import type { ResultSet } from "../../../wire/result.js";
import type { Catalog, Table } from "../catalog.js";
import { collations, defaultCollation } from "../collations.js";
import { showCreateDatabase, showCreateTable, showCreateView } from "../ddl/show-create.js";
import { errors } from "../errors.js";
import { outputField } from "../fields.js";
import { INFORMATION_SCHEMA } from "../information-schema.js";
import { columnRow, indexRows } from "../information-schema-rows.js";
import type { Show } from "../parse/show.js";
import type { MysqlError } from "../port.js";
import type { RowStore } from "../row-store.js";
import { asBoolean } from "../translate/coerce.js";
import { translate } from "../translate/expression.js";
import { Scope, type TranslateContext } from "../translate/scope.js";
import { Coercibility, literal, sqlText } from "../translate/typed.js";
import { textType } from "../types/sql-type.js";
import { showVariable, type VariableValue } from "../variables.js";

export interface ShowContext {
  translation: TranslateContext;
  store: RowStore;
  catalog: Catalog;
  database: string | undefined;
  variables(): Map<string, VariableValue>;
  warnings: readonly MysqlError[];
  gtidExecuted: string;
}

type Cell = string | bigint | null;

interface Shown {
  names: string[];
  rows: Cell[][];
  /** The column that LIKE looks at. */
  likeColumn: number;
}

export function runShow(show: Show, context: ShowContext): ResultSet {
  const shown = rowsOf(show, context);
  const rows = shown.rows.filter((row) => matches(show, shown, row, context));
  return {
    fields: shown.names.map((name, i) => field(name, shown.rows, i)),
    rows: rows.map((row) => row.map((cell) => (cell === null ? null : Buffer.from(String(cell))))),
    rowsAffected: 0,
    insertId: 0n,
  };
}

function field(name: string, rows: readonly Cell[][], index: number): Field__Output {
  const isNumber = rows.some((row) => typeof row[index] === "bigint");
  const typed = isNumber ? literal(1n) : literal("", "utf8mb3_general_ci");
  return outputField({ name, typed: { ...typed, type: isNumber ? typed.type : textType(256, "utf8mb3_general_ci") } });
}

function matches(show: Show, shown: Shown, row: Cell[], context: ShowContext): boolean {
  if (show.like === undefined && show.where === undefined) return true;
  const scope = new Scope(context.translation);
  scope.add({
    alias: "",
    columns: shown.names.map((name, i) => {
      const cell = row[i] ?? null;
      return { name, typed: { ...literal(cell, "utf8mb3_general_ci"), coercibility: Coercibility.COLUMN } };
    }),
  });
  const subject = row[shown.likeColumn];
  const test =
    show.where === undefined
      ? `my_like(${sqlText(String(subject ?? ""))}, ${sqlText(show.like ?? "")}, '\\', 2)`
      : asBoolean(translate(show.where, scope));
  const statement = context.store.engine.prepare(`SELECT ${test}`);
  try {
    return statement.step() && statement.value(0) === 1n;
  } finally {
    statement.finalize();
  }
}

function databaseOf(name: string | undefined, context: ShowContext): string {
  const database = name ?? context.database;
  if (database === undefined) throw errors.noDatabase();
  return database;
}

function rowsOf(show: Show, context: ShowContext): Shown {
  const plain = (names: string[], rows: Cell[][] = []): Shown => ({ names, rows, likeColumn: 0 });
  switch (show.what) {
    case "databases":
      return plain(
        ["Database"],
        [...context.catalog.databases.keys()].sort().map((name) => [name]),
      );
    case "tables":
      return tables(show, context);
    case "tableStatus":
      return tableStatus(databaseOf(show.database, context), context);
    case "columns":
      return columns(tableOf(show.table, context), show.full);
    case "indexes":
      return indexes(tableOf(show.table, context), context);
    case "createTable": {
      const database = databaseOf(show.table.database, context);
      const view = context.catalog.findView(database, show.table.name);
      if (view)
        return plain(
          ["View", "Create View", "character_set_client", "collation_connection"],
          [[view.name, showCreateView(view), "utf8mb4", "utf8mb4_0900_ai_ci"]],
        );
      const table = tableOf(show.table, context);
      return plain(["Table", "Create Table"], [[table.name, showCreateTable(table)]]);
    }
    case "createView": {
      const database = databaseOf(show.table.database, context);
      const view = context.catalog.findView(database, show.table.name);
      if (!view) throw errors.noSuchTable(database, show.table.name);
      return plain(
        ["View", "Create View", "character_set_client", "collation_connection"],
        [[view.name, showCreateView(view), "utf8mb4", "utf8mb4_0900_ai_ci"]],
      );
    }
    case "createDatabase": {
      const database = context.catalog.database(show.name);
      return plain(
        ["Database", "Create Database"],
        [[database.name, showCreateDatabase(database.name, database.collation, show.ifNotExists)]],
      );
    }
    case "variables": {
      const sorted = [...context.variables()].sort(([a], [b]) => (a < b ? -1 : 1));
      return plain(
        ["Variable_name", "Value"],
        sorted.map(([name, value]) => [name, showVariable(name, value)]),
      );
    }
    case "status":
      return plain(
        ["Variable_name", "Value"],
        [
          ["Threads_connected", "1"],
          ["Uptime", String(Math.floor(process.uptime()))],
        ],
      );
    case "warnings":
      return plain(
        ["Level", "Code", "Message"],
        context.warnings.map((warning) => ["Warning", BigInt(warning.errno), warning.message]),
      );
    case "binaryLogStatus":
      return plain(
        ["File", "Position", "Binlog_Do_DB", "Binlog_Ignore_DB", "Executed_Gtid_Set"],
        [["binlog.000001", 4n, "", "", context.gtidExecuted]],
      );
    case "replicaStatus":
      return plain(["Replica_IO_State"]);
    case "collation":
      return plain(
        ["Collation", "Charset", "Id", "Default", "Compiled", "Sortlen", "Pad_attribute"],
        collations.map(({ name, charset, id, padSpace }) => [
          name,
          charset,
          BigInt(id),
          defaultCollation(charset) === name ? "Yes" : "",
          "Yes",
          0n,
          padSpace ? "PAD SPACE" : "NO PAD",
        ]),
      );
    case "charset": {
      const names = [...new Set(collations.map((collation) => collation.charset))].sort();
      const width: Record<string, bigint> = { utf8mb4: 4n, utf8mb3: 3n };
      return plain(
        ["Charset", "Description", "Default collation", "Maxlen"],
        names.map((name) => [name, name, defaultCollation(name), width[name] ?? 1n]),
      );
    }
    case "engines":
      return plain(
        ["Engine", "Support", "Comment", "Transactions", "XA", "Savepoints"],
        [["InnoDB", "DEFAULT", "Supports transactions, row-level locking, and foreign keys", "YES", "YES", "YES"]],
      );
    case "processlist":
      return plain(["Id", "User", "Host", "db", "Command", "Time", "State", "Info"]);
  }
}

function tableOf(name: { database?: string; name: string }, context: ShowContext): Table {
  const database = databaseOf(name.database, context);
  context.translation.prepareTable(database, name.name);
  return context.catalog.table(database, name.name);
}

function tables(show: Extract<Show, { what: "tables" }>, context: ShowContext): Shown {
  const database = context.catalog.database(databaseOf(show.database, context));
  const all: [string, string][] = [
    ...[...database.tables.keys()].map((name): [string, string] => [name, "BASE TABLE"]),
    ...[...database.views.keys()].map((name): [string, string] => [name, "VIEW"]),
  ];
  all.sort(([a], [b]) => (a < b ? -1 : 1));
  const heading = show.like === undefined ? `Tables_in_${database.name}` : `Tables_in_${database.name} (${show.like})`;
  const names = show.full ? [heading, "Table_type"] : [heading];
  return { names, rows: all.map((row) => (show.full ? row : row.slice(0, 1))), likeColumn: 0 };
}

function tableStatus(name: string, context: ShowContext): Shown {
  const database = context.catalog.database(name);
  const names = [
    "Name",
    "Engine",
    "Version",
    "Row_format",
    "Rows",
    "Avg_row_length",
    "Data_length",
    "Max_data_length",
    "Index_length",
    "Data_free",
    "Auto_increment",
    "Create_time",
    "Update_time",
    "Check_time",
    "Collation",
    "Checksum",
    "Create_options",
    "Comment",
  ];
  const rows = [...database.tables.values()].map((table): Cell[] => {
    const count = table.database === INFORMATION_SCHEMA ? 0 : context.store.rowCount(table);
    const bytes = Math.max(16384, table.dataBytes);
    const hasAuto = table.columns.some((column) => column.autoIncrement);
    const average = count === 0 ? 0n : BigInt(Math.floor(bytes / count));
    const created = table.createdAt.toISOString().slice(0, 19).replace("T", " ");
    return [
      table.name,
      "InnoDB",
      10n,
      "Dynamic",
      BigInt(count),
      average,
      BigInt(bytes),
      0n,
      0n,
      0n,
      hasAuto ? table.nextAuto : null,
      created,
      null,
      null,
      table.collation,
      null,
      "",
      table.options.comment ?? "",
    ];
  });
  rows.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  return { names, rows, likeColumn: 0 };
}

function columns(table: Table, full: boolean): Shown {
  const rows = table.columns.map((column, i): Cell[] => {
    const row = columnRow(table, column, i + 1);
    const short = [column.name, row.COLUMN_TYPE, row.IS_NULLABLE, row.COLUMN_KEY, row.COLUMN_DEFAULT, row.EXTRA];
    if (!full) return short.map((cell) => cell ?? null);
    const [name, type, ...rest] = short;
    return [
      name ?? null,
      type ?? null,
      row.COLLATION_NAME ?? null,
      ...rest.map((cell) => cell ?? null),
      "select,insert,update,references",
      column.comment,
    ];
  });
  const names = full
    ? ["Field", "Type", "Collation", "Null", "Key", "Default", "Extra", "Privileges", "Comment"]
    : ["Field", "Type", "Null", "Key", "Default", "Extra"];
  return { names, rows, likeColumn: 0 };
}

function indexes(table: Table, context: ShowContext): Shown {
  const names = [
    "Table",
    "Non_unique",
    "Key_name",
    "Seq_in_index",
    "Column_name",
    "Collation",
    "Cardinality",
    "Sub_part",
    "Packed",
    "Null",
    "Index_type",
    "Comment",
    "Index_comment",
    "Visible",
    "Expression",
  ];
  const count = table.keys.length === 0 ? 0n : BigInt(context.store.rowCount(table));
  const rows = indexRows(table, count).map((row): Cell[] =>
    [
      row.TABLE_NAME,
      row.NON_UNIQUE,
      row.INDEX_NAME,
      row.SEQ_IN_INDEX,
      row.COLUMN_NAME,
      row.COLLATION,
      row.CARDINALITY,
      row.SUB_PART,
      row.PACKED,
      row.NULLABLE,
      row.INDEX_TYPE,
      row.COMMENT,
      row.INDEX_COMMENT,
      row.IS_VISIBLE,
      row.EXPRESSION,
    ].map((cell) => cell ?? null),
  );
  return { names, rows, likeColumn: 2 };
}
