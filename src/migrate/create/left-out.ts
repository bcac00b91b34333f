import { PreflightError } from "../../errors.js";
import type { CallOptions, Tablet } from "../../tablet/port.js";
import { sqlString } from "../../wire/sql.js";

/** What stands in a keyspace's database beside its tables, and is never copied. */
export interface LeftOut {
  name: string;
  /** As information_schema has it: "VIEW"; MariaDB also "SEQUENCE", "SYSTEM VERSIONED". */
  type: string;
}

/**
 * Views and the like of a source tablet, by name. GetSchema knows them on no version: it looks for base tables
 * alone (go/vt/mysqlctl/schema.go) unless it is asked for views, and then for views alone besides.
 */
export async function readLeftOut(tablet: Tablet, options: CallOptions = {}): Promise<LeftOut[]> {
  const { rows } = await tablet.executeFetchAsDba(
    `select table_name, table_type from information_schema.tables where table_schema = ${sqlString(tablet.record.dbName)} and table_type <> 'BASE TABLE'`,
    options,
  );
  return rows
    .map(([name, type]) => ({ name: String(name), type: String(type) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One line for views, one for what else there is; none when everything is copied. */
export function leftOutNotes(leftOut: LeftOut[]): string[] {
  const views = leftOut.filter(isView).map(({ name }) => name);
  const others = leftOut.filter((entry) => !isView(entry)).map(({ name, type }) => `${name} (${type.toLowerCase()})`);
  return [
    ...(views.length > 0 ? [`Views are left out: ${views.join(", ")}`] : []),
    ...(others.length > 0 ? [`Left out, as Vitess knows no such tables: ${others.join(", ")}`] : []),
  ];
}

/** PreflightError when a table that was asked for by name is a view. */
export function requireNoViews(asked: string[], leftOut: LeftOut[]): void {
  const views = leftOut.filter((entry) => isView(entry) && asked.includes(entry.name)).map(({ name }) => name);
  if (views.length === 0) return;
  throw new PreflightError(`views aren't copied: ${views.join(", ")}`, {
    hint: "Name the tables that they read, and create the views on the target by hand.",
  });
}

function isView({ type }: LeftOut): boolean {
  return type.endsWith("VIEW");
}
