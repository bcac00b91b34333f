/** MySQL's error numbers, SQL states and words (MySQL 8.4's messages_to_clients.txt), as far as the sandbox raises them. */
import { MysqlError } from "./port.js";

export const errors = {
  syntax: (near: string, line: number) =>
    new MysqlError(
      1064,
      "42000",
      "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version " +
        `for the right syntax to use near '${near.slice(0, 80)}' at line ${line}`,
    ),
  unsupported: (what: string) => new MysqlError(1235, "42000", `This version of MySQL doesn't yet support '${what}'`),
  noDatabase: () => new MysqlError(1046, "3D000", "No database selected"),
  unknownDatabase: (name: string) => new MysqlError(1049, "42000", `Unknown database '${name}'`),
  databaseExists: (name: string) => new MysqlError(1007, "HY000", `Can't create database '${name}'; database exists`),
  databaseMissing: (name: string) =>
    new MysqlError(1008, "HY000", `Can't drop database '${name}'; database doesn't exist`),
  tableExists: (name: string) => new MysqlError(1050, "42S01", `Table '${name}' already exists`),
  unknownTables: (names: string) => new MysqlError(1051, "42S02", `Unknown table '${names}'`),
  noSuchTable: (database: string, name: string) =>
    new MysqlError(1146, "42S02", `Table '${database}.${name}' doesn't exist`),
  unknownTableInList: (name: string, where: string) =>
    new MysqlError(1109, "42S02", `Unknown table '${name}' in ${where}`),
  unknownColumn: (name: string, where: string) =>
    new MysqlError(1054, "42S22", `Unknown column '${name}' in '${where}'`),
  ambiguousColumn: (name: string, where: string) =>
    new MysqlError(1052, "23000", `Column '${name}' in ${where} is ambiguous`),
  duplicateColumn: (name: string) => new MysqlError(1060, "42S21", `Duplicate column name '${name}'`),
  duplicateKeyName: (name: string) => new MysqlError(1061, "42000", `Duplicate key name '${name}'`),
  duplicateEntry: (value: string, key: string) =>
    new MysqlError(1062, "23000", `Duplicate entry '${value}' for key '${key}'`),
  duplicateAlias: (name: string) => new MysqlError(1066, "42000", `Not unique table/alias: '${name}'`),
  invalidDefault: (name: string) => new MysqlError(1067, "42000", `Invalid default value for '${name}'`),
  multiplePrimary: () => new MysqlError(1068, "42000", "Multiple primary key defined"),
  keyColumnMissing: (name: string) => new MysqlError(1072, "42000", `Key column '${name}' doesn't exist in table`),
  columnTooLong: (name: string, max: number) =>
    new MysqlError(
      1074,
      "42000",
      `Column length too big for column '${name}' (max = ${max}); use BLOB or TEXT instead`,
    ),
  oneAutoColumn: () =>
    new MysqlError(
      1075,
      "42000",
      "Incorrect table definition; there can be only one auto column and it must be defined as a key",
    ),
  cantDropAll: () =>
    new MysqlError(1090, "42000", "You can't delete all columns with ALTER TABLE; use DROP TABLE instead"),
  cantDrop: (name: string) => new MysqlError(1091, "42000", `Can't DROP '${name}'; check that column/key exists`),
  noColumns: () => new MysqlError(1113, "42000", "A table must have at least 1 column"),
  unknownCharset: (name: string) => new MysqlError(1115, "42000", `Unknown character set: '${name}'`),
  columnCount: (row: number) => new MysqlError(1136, "21S01", `Column count doesn't match value count at row ${row}`),
  columnTwice: (name: string) => new MysqlError(1110, "42000", `Column '${name}' specified twice`),
  nullNotAllowed: (name: string) => new MysqlError(1048, "23000", `Column '${name}' cannot be null`),
  noDefault: (name: string) => new MysqlError(1364, "HY000", `Field '${name}' doesn't have a default value`),
  tooLong: (name: string, row: number) =>
    new MysqlError(1406, "22001", `Data too long for column '${name}' at row ${row}`),
  outOfRange: (name: string, row: number) =>
    new MysqlError(1264, "22003", `Out of range value for column '${name}' at row ${row}`),
  outOfRangeExpression: (type: string, expression: string) =>
    new MysqlError(1690, "22003", `${type} value is out of range in '${expression}'`),
  incorrectValue: (type: string, value: string, name: string, row: number) =>
    new MysqlError(1366, "HY000", `Incorrect ${type} value: '${value}' for column '${name}' at row ${row}`),
  incorrectTemporal: (type: string, value: string, name: string, row: number) =>
    new MysqlError(1292, "22007", `Incorrect ${type} value: '${value}' for column '${name}' at row ${row}`),
  incorrectTemporalConstant: (type: string, value: string) =>
    new MysqlError(1525, "HY000", `Incorrect ${type} value: '${value}'`),
  truncated: (name: string, row: number) =>
    new MysqlError(1265, "01000", `Data truncated for column '${name}' at row ${row}`),
  invalidJson: (reason: string, position: number, column: string) =>
    new MysqlError(
      3140,
      "22032",
      `Invalid JSON text: "${reason}" at position ${position} in value for column '${column}'.`,
    ),
  unknownVariable: (name: string) => new MysqlError(1193, "HY000", `Unknown system variable '${name}'`),
  wrongVariableValue: (name: string, value: string) =>
    new MysqlError(1231, "42000", `Variable '${name}' can't be set to the value of '${value}'`),
  readOnlyVariable: (name: string) => new MysqlError(1238, "HY000", `Variable '${name}' is a read only variable`),
  unknownTimeZone: (name: string) => new MysqlError(1298, "HY000", `Unknown or incorrect time zone: '${name}'`),
  unknownCollation: (name: string) => new MysqlError(1273, "HY000", `Unknown collation: '${name}'`),
  lockWait: () => new MysqlError(1205, "HY000", "Lock wait timeout exceeded; try restarting transaction"),
  unknownFunction: (name: string) => new MysqlError(1305, "42000", `FUNCTION ${name} does not exist`),
  wrongParameterCount: (name: string) =>
    new MysqlError(1582, "42000", `Incorrect parameter count in the call to native function '${name}'`),
  operandColumns: (count: number) => new MysqlError(1241, "21000", `Operand should contain ${count} column(s)`),
  subqueryRows: () => new MysqlError(1242, "21000", "Subquery returns more than 1 row"),
  unionColumns: () => new MysqlError(1222, "21000", "The used SELECT statements have a different number of columns"),
  invalidGroupFunction: () => new MysqlError(1111, "HY000", "Invalid use of group function"),
  emptyQuery: () => new MysqlError(1065, "42000", "Query was empty"),
  generatedValue: (column: string, table: string) =>
    new MysqlError(
      3105,
      "HY000",
      `The value specified for generated column '${column}' in table '${table}' is not allowed.`,
    ),
  checkViolated: (name: string) => new MysqlError(3819, "HY000", `Check constraint '${name}' is violated.`),
  foreignKeyParent: (table: string) => new MysqlError(1824, "HY000", `Failed to open the referenced table '${table}'`),
  referencedParent: (table: string, constraint: string, child: string) =>
    new MysqlError(
      3730,
      "HY000",
      `Cannot drop table '${table}' referenced by a foreign key constraint '${constraint}' on table '${child}'.`,
    ),
  savepointMissing: (name: string) => new MysqlError(1305, "42000", `SAVEPOINT ${name} does not exist`),
  sessionClosed: () => new MysqlError(1053, "08S01", "Server shutdown in progress"),
  incorrectArguments: (name: string) => new MysqlError(1210, "HY000", `Incorrect arguments to ${name}`),
} as const;
