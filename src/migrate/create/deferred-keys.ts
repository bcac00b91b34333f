import { PreflightError } from "../../errors.js";
import type { ForeignKey } from "../../schema/foreign-keys.js";
import { readTable, type TableParts } from "../../schema/table.js";
import type { Capabilities } from "../../tablet/capabilities.js";
import { quoteIdentifierIfNeeded } from "../../wire/sql.js";

export interface DeferralRequest {
  /** As typed; undefined: the default of the target's version. */
  deferSecondaryKeys: boolean | undefined;
  atomicCopy: boolean;
  dropForeignKeys: boolean;
  /** What is copied, with the source's CREATE TABLE texts. */
  tables: { name: string; schema: string }[];
}

export interface Deferral {
  deferSecondaryKeys: boolean | undefined;
  notes: string[];
}

/**
 * Whether secondary keys are dropped before the copy and built behind it. Not where MySQL needs one of them for a
 * foreign key: it refuses to drop it, or leaves a constraint that it doesn't check any more, and a tablet that tries
 * again fails at the row that it has written down already (post_copy_action, errno 1062). Not with an atomic copy
 * either, which never builds them again (go/vt/vttablet/tabletmanager/vreplication/vcopier_atomic.go, v18.0.8 and v22.0.3).
 *
 * PreflightError with the foreign keys' names when it was asked for in so many words.
 */
export function decideDeferral(request: DeferralRequest, targets: Iterable<Capabilities>): Deferral {
  const { deferSecondaryKeys: typed, atomicCopy, dropForeignKeys } = request;
  if (atomicCopy) return { deferSecondaryKeys: false, notes: [] };
  const defers = [...targets].filter(
    ({ columns }) => columns.has("defer_secondary_keys") && (typed ?? columns.has("options")),
  );
  if (defers.length === 0 || dropForeignKeys) return { deferSecondaryKeys: typed, notes: [] };
  // v19 began to keep such keys; what shows is v20's column.
  const keepsOwn = defers.every(({ columns }) => columns.has("options"));
  const uncovered = bereftForeignKeys(request.tables, keepsOwn);
  if (uncovered.length === 0) return { deferSecondaryKeys: typed, notes: [] };
  const list = uncovered.join(", ");
  if (typed === true) {
    throw new PreflightError(`-defer-secondary-keys would drop keys that foreign keys need: ${list}`, {
      hint: "Leave it out (v20 and later: =false), or create the tables without their foreign keys: -drop_foreign_keys.",
    });
  }
  const note = `Secondary keys are built with the tables, not behind the copy, as foreign keys need some of them: ${list}`;
  return { deferSecondaryKeys: false, notes: [note] };
}

/**
 * Foreign keys, "fk_1 of child", that are left without a key on either side when secondary ones are dropped. `keepsOwn`:
 * keys of exactly the columns of a foreign key of their own table stay (vreplicator.go, getTableSecondaryKeys, v19).
 */
function bereftForeignKeys(tables: DeferralRequest["tables"], keepsOwn: boolean): string[] {
  if (!tables.some(({ schema }) => /foreign key/i.test(schema))) return [];
  const parts = new Map(tables.map(({ name, schema }) => [name, readTable(schema)]));
  const kept = new Map([...parts].map(([name, table]) => [name, keptKeys(table, keepsOwn)]));
  const serves = (table: string, columns: string[]) => kept.get(table)?.some((key) => beginsWith(key, columns)) ?? true;
  return [...parts].flatMap(([name, { foreignKeys }]) =>
    foreignKeys
      .filter((key) => !serves(name, key.columns) || !serves(parentOf(key), key.parentColumns))
      .map((key) => `${quoteIdentifierIfNeeded(key.name)} of ${quoteIdentifierIfNeeded(name)}`),
  );
}

/** A table of another database is none of those that are copied. */
function parentOf({ parentDatabase, parentTable }: ForeignKey): string {
  return parentDatabase === undefined ? parentTable : "";
}

function keptKeys({ primaryKey, keys, foreignKeys }: TableParts, keepsOwn: boolean): string[][] {
  if (!keepsOwn) return [primaryKey];
  const own = new Set(foreignKeys.map(({ columns }) => listed(columns)));
  const whole = keys.map(({ columns }) => columns.filter((column) => column !== undefined));
  return [primaryKey, ...whole.filter((columns) => own.has(listed(columns)))];
}

/** MySQL takes a key that begins with the columns, in this order. */
function beginsWith(key: string[], columns: string[]): boolean {
  return columns.every((column, index) => key[index]?.toLowerCase() === column.toLowerCase());
}

function listed(columns: string[]): string {
  return columns.map((column) => column.toLowerCase()).join(",");
}
