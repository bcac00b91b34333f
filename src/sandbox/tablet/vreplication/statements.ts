/**
 * Which statements VReplicationExec takes (go/vt/vttablet/tabletmanager/vreplication/controller_plan.go).
 * Everything else is refused before it reaches MySQL.
 */
import type { VersionProfile } from "../profiles.js";
import { columnName, conjuncts, nodes, parseSql, type SqlNode, startOf } from "../sql.js";

export type ControllerPlan =
  | { kind: "select" }
  /** On the journal: handed to MySQL as it is. */
  | { kind: "other" }
  | { kind: "insert" }
  /** `set` is the statement up to its WHERE, `where` the WHERE itself or "". */
  | { kind: "update"; set: string; where: string }
  | { kind: "delete"; where: string };

const readable = new Set(["vreplication", "resharding_journal", "copy_state", "vreplication_log"]);
const selectiveColumns = new Set(["id", "workflow"]);
const UNSAFE = "ALLOW_UNSAFE_VREPLICATION_WRITE";

/** Throws SqlSyntaxError, or Error in Vitess's words. */
export function planStatement(sql: string, profile: VersionProfile): ControllerPlan {
  const statement = parseSql(sql);
  switch (statement.type) {
    case "select":
      return planSelect(statement, sql, profile);
    case "insert":
    case "replace":
      return planInsert(statement, sql, profile);
    case "update":
      return planUpdate(statement, sql, profile);
    case "delete":
      return planDelete(statement, sql, profile);
    default:
      throw unsupported(sql);
  }
}

function unsupported(sql: string): Error {
  return new Error(`unsupported construct: ${sql}`);
}

/** The name of a statement's table, or the error that the version has for it. */
function tableOf(table: SqlNode | undefined, sql: string, profile: VersionProfile): string {
  if (table === undefined || typeof table.table !== "string") throw unsupported(sql);
  const database = typeof table.db === "string" ? table.db : "";
  const full = database === "" ? table.table : `${database}.${table.table}`;
  const known = readable.has(table.table);
  if (profile.statements.exactTableNames) {
    if (database !== "_vt" || !known || table.as !== null) throw new Error(`invalid table name: ${full}`);
  } else if (database !== "_vt") {
    throw new Error(`invalid database name: ${database}`);
  } else if (!known) {
    throw new Error(`invalid table name: ${table.table}`);
  }
  return table.table;
}

function planSelect(select: SqlNode, sql: string, profile: VersionProfile): ControllerPlan {
  const from = nodes(select.from);
  if (profile.statements.exactTableNames && from.length > 1) throw unsupported(sql);
  tableOf(from[0], sql, profile);
  return { kind: "select" };
}

/** Writes go to the streams' table, or through to the journal. */
function isJournal(table: SqlNode | undefined, sql: string, profile: VersionProfile): boolean {
  const name = tableOf(table, sql, profile);
  if (name === "resharding_journal") return true;
  if (name !== "vreplication") {
    throw new Error(`invalid table name: ${profile.statements.exactTableNames ? `_vt.${name}` : name}`);
  }
  return false;
}

function planInsert(insert: SqlNode, sql: string, profile: VersionProfile): ControllerPlan {
  if (isJournal(nodes(insert.table)[0], sql, profile)) return { kind: "other" };
  const plain = insert.type === "insert" && insert.prefix === "into";
  const values = insert.values as SqlNode | undefined;
  if (!plain || insert.partition !== null || insert.on_duplicate_update !== null) throw unsupported(sql);
  if (values?.type !== "values") throw unsupported(sql);
  const columns = Array.isArray(insert.columns) ? insert.columns.map(String) : [];
  const id = columns.findIndex((column) => column.toLowerCase() === "id");
  for (const row of nodes(values.values)) {
    const cells = nodes(row.value);
    if (cells.length !== columns.length) throw new Error(`malformed statement: ${sql}`);
    if (id >= 0 && cells[id]?.type !== "null")
      throw new Error(`id should not have a value: ${String(cells[id]?.value)}`);
  }
  return { kind: "insert" };
}

function planUpdate(update: SqlNode, sql: string, profile: VersionProfile): ControllerPlan {
  const tables = nodes(update.table);
  if (isJournal(tables[0], sql, profile)) return { kind: "other" };
  if (tables.length !== 1 || update.orderby !== null || update.limit !== null) throw unsupported(sql);
  if (nodes(update.set).some(({ column }) => String(column).toLowerCase() === "id")) {
    throw new Error(`id cannot be changed: ${sql}`);
  }
  requireSelective("update", update, sql, profile);
  const { before, where } = splitWhere(update, sql);
  return { kind: "update", set: before, where };
}

function planDelete(statement: SqlNode, sql: string, profile: VersionProfile): ControllerPlan {
  const tables = nodes(statement.from);
  if (isJournal(tables[0], sql, profile)) return { kind: "other" };
  if (tables.length !== 1 || statement.orderby !== null || statement.limit !== null) throw unsupported(sql);
  requireSelective("delete", statement, sql, profile);
  return { kind: "delete", where: splitWhere(statement, sql).where };
}

function requireSelective(verb: string, statement: SqlNode, sql: string, profile: VersionProfile): void {
  if (!profile.statements.selectiveWrites || new RegExp(`/\\*vt\\+[^*]*${UNSAFE}`).test(sql)) return;
  const selective = conjuncts(statement.where).some(
    ({ operator, left }) => (operator === "=" || operator === "IN") && selectiveColumns.has(columnName(left) ?? ""),
  );
  if (selective) return;
  throw new Error(
    `unsafe WHERE clause in ${verb} without the /*vt+ ${UNSAFE} */ comment directive: ${splitWhere(statement, sql).where}` +
      `; should be using = or in with at least one of the following columns: ${[...selectiveColumns].join(",")}`,
  );
}

/** The statement is cut, not printed anew: literals must stay as they were written. */
function splitWhere(statement: SqlNode, sql: string): { before: string; where: string } {
  const condition = statement.where as SqlNode | null;
  if (condition === null) return { before: sql.replace(/[;\s]+$/, ""), where: "" };
  const start = startOf(condition);
  const word = start === undefined ? null : /\bwhere[\s(]*$/i.exec(sql.slice(0, start));
  if (word === null) throw unsupported(sql);
  return { before: sql.slice(0, word.index).trimEnd(), where: ` ${sql.slice(word.index).replace(/[;\s]+$/, "")}` };
}
