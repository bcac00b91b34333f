/**
 * Which statements VReplicationExec takes (go/vt/vttablet/tabletmanager/vreplication/controller_plan.go).
 * Everything else is refused before it reaches MySQL.
 */

import type { Delete, Expr, Insert, Query, Update } from "../../mysql/parse/ast.js";
import type { VersionProfile } from "../profiles.js";
import { columnName, conjuncts, firstTable, parseSql } from "../sql.js";

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
  if (statement.kind === "query") return planSelect(statement.query, sql, profile);
  if (statement.kind !== "dml") throw unsupported(sql);
  const { dml } = statement;
  if (dml.kind === "insert") return planInsert(dml, sql, profile);
  return dml.kind === "update" ? planUpdate(dml, sql, profile) : planDelete(dml, sql, profile);
}

function unsupported(sql: string): Error {
  return new Error(`unsupported construct: ${sql}`);
}

type Table = ReturnType<typeof firstTable>;

/** The name of a statement's table, or the error that the version has for it. */
function tableOf(table: Table, sql: string, profile: VersionProfile): string {
  if (table === undefined) throw unsupported(sql);
  const { database, name } = table.name;
  const known = readable.has(name);
  if (profile.statements.exactTableNames) {
    const full = database === undefined ? name : `${database}.${name}`;
    if (database !== "_vt" || !known || table.alias !== undefined) throw new Error(`invalid table name: ${full}`);
  } else if (database !== "_vt") {
    throw new Error(`invalid database name: ${database ?? ""}`);
  } else if (!known) {
    throw new Error(`invalid table name: ${name}`);
  }
  return name;
}

function planSelect(select: Query, sql: string, profile: VersionProfile): ControllerPlan {
  if (select.kind !== "select") throw unsupported(sql);
  if (select.from?.kind === "join") {
    const from = /\bfrom\s+(.*?)(?:\s+where\b.*)?$/is.exec(sql)?.[1];
    throw new Error(`invalid ${profile.statements.exactTableNames ? "table name" : "FROM construct"}: ${from}`);
  }
  tableOf(firstTable(select.from), sql, profile);
  return { kind: "select" };
}

/** Writes go to the streams' table, or through to the journal. */
function isJournal(table: Table, sql: string, profile: VersionProfile): boolean {
  const name = tableOf(table, sql, profile);
  if (name === "resharding_journal") return true;
  if (name !== "vreplication") {
    throw new Error(`invalid table name: ${profile.statements.exactTableNames ? `_vt.${name}` : name}`);
  }
  return false;
}

function planInsert(insert: Insert, sql: string, profile: VersionProfile): ControllerPlan {
  if (isJournal({ name: insert.table }, sql, profile)) return { kind: "other" };
  if (insert.replace || insert.ignore || insert.onDuplicate.length > 0) throw unsupported(sql);
  if ("query" in insert.source) throw unsupported(sql);
  const id = insert.columns?.findIndex((column) => column.toLowerCase() === "id") ?? 0;
  for (const row of id < 0 ? [] : insert.source.rows) {
    const value = row[id];
    if (value === undefined) throw new Error(`malformed statement: ${sql}`);
    if (value.kind !== "null") throw new Error(`id should not have a value: ${sql}`);
  }
  return { kind: "insert" };
}

function planUpdate(update: Update, sql: string, profile: VersionProfile): ControllerPlan {
  if (isJournal(firstTable(update.table), sql, profile)) return { kind: "other" };
  requireSelective("update", update, sql, profile);
  if (update.table.kind !== "table" || update.orderBy.length > 0 || update.limit) throw unsupported(sql);
  const change = update.set.find(({ column }) => column.name.toLowerCase() === "id");
  if (change !== undefined) {
    throw new Error(`id cannot be changed: id = ${sql.slice(change.value.start, change.value.end)}`);
  }
  const { before, where } = splitWhere(update, sql);
  return { kind: "update", set: before, where };
}

function planDelete(statement: Delete, sql: string, profile: VersionProfile): ControllerPlan {
  if (isJournal(firstTable(statement.from), sql, profile)) return { kind: "other" };
  requireSelective("delete", statement, sql, profile);
  const plain = statement.from.kind === "table" && statement.targets === undefined;
  if (!plain || statement.orderBy.length > 0 || statement.limit) throw unsupported(sql);
  return { kind: "delete", where: splitWhere(statement, sql).where };
}

function requireSelective(verb: string, statement: Update | Delete, sql: string, profile: VersionProfile): void {
  if (!profile.statements.selectiveWrites || new RegExp(`/\\*vt\\+[^*]*${UNSAFE}`).test(sql)) return;
  if (conjuncts(statement.where).some(isSelective)) return;
  throw new Error(
    `unsafe WHERE clause in ${verb} without the /*vt+ ${UNSAFE} */ comment directive: ${splitWhere(statement, sql).where}` +
      `; should be using = or in with at least one of the following columns: ${[...selectiveColumns].join(", ")}`,
  );
}

function isSelective(condition: Expr): boolean {
  if (condition.kind === "binary" && condition.op === "=") return isSelectiveColumn(condition.left);
  return condition.kind === "in" && !condition.not && isSelectiveColumn(condition.operand);
}

function isSelectiveColumn(expression: Expr): boolean {
  return selectiveColumns.has(columnName(expression) ?? "");
}

/** The statement is cut, not printed anew: literals must stay as they were written. */
function splitWhere({ where: condition }: Update | Delete, sql: string): { before: string; where: string } {
  if (condition === undefined) return { before: sql.replace(/[;\s]+$/, ""), where: "" };
  const word = /\bwhere\s*$/i.exec(sql.slice(0, condition.start));
  if (word === null) throw unsupported(sql);
  return { before: sql.slice(0, word.index).trimEnd(), where: ` ${sql.slice(word.index).replace(/[;\s]+$/, "")}` };
}
