/**
 * A table's rows at one position, in key order. All pages are read within one turn of the event loop, so that
 * no transaction can commit between them; the packets wait in memory until the reader takes them.
 */
import type { Field } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { quoteIdentifier } from "../../../wire/sql.js";
import type { Session } from "../../mysql/port.js";
import type { TabletState } from "../state.js";
import { columnNamed, keyColumns, sqlLiteral } from "../values.js";
import { type Packet, Packets } from "./packets.js";
import type { StreamPlan } from "./plan.js";
import { copyingSession } from "./session.js";

const PAGE_ROWS = 5_000;

export interface Snapshot {
  position: string;
  keyFields: Field[];
  packets: Packet[];
  /** What the filter said to a row. The packets before it are sent, but not what was waiting for a full one. */
  failure: { error: unknown } | undefined;
  /** The key of a row in table order. */
  keyOf(row: readonly Value[]): Value[];
}

/** `after` is the key behind which to start, in the order of `keyFields`. */
export function readSnapshot(state: TabletState, plan: StreamPlan, after: readonly Value[] | undefined): Snapshot {
  const { table } = plan;
  const key = keyColumns(table).map((name) => {
    const column = columnNamed(table, name);
    if (column === undefined) throw new Error(`column ${name} not found in table ${table.name}`);
    return { field: column.field, index: table.columns.indexOf(column) };
  });
  const keyOf = (row: readonly Value[]) => key.map(({ index }) => row[index] ?? null);
  const keyFields = key.map(({ field }) => field);
  const position = state.position;
  const packets = new Packets();
  let failure: Snapshot["failure"];
  const session = copyingSession(state);
  try {
    readPages(session, plan, keyFields, after, (row) => {
      try {
        if (plan.accepts(row)) packets.add(plan.project(row), row);
      } catch (error) {
        failure = { error };
      }
      return failure === undefined;
    });
  } finally {
    session.close();
  }
  return { position, keyFields, packets: failure === undefined ? packets.finish() : packets.done, failure, keyOf };
}

function readPages(
  session: Session,
  { table, expressions }: StreamPlan,
  keyFields: Field[],
  after: readonly Value[] | undefined,
  /** False ends the reading. */
  take: (row: Value[]) => boolean,
): void {
  const columns = table.columns
    .map(({ name }) => quoteIdentifier(name))
    .map((name, i) => (expressions.has(i) ? `${expressions.get(i)} as ${name}` : name))
    .join(", ");
  const names = keyFields.map((field) => quoteIdentifier(field.name ?? ""));
  const indexes = keyFields.map((field) => table.columns.findIndex((column) => column.field.name === field.name));
  // Without a unique key equal rows could be lost between pages.
  const paged = table.primaryKey.length > 0 || table.primaryKeyEquivalent.length > 0;
  let last = after;
  for (;;) {
    const where = last === undefined ? "" : ` where ${beyond(names, keyFields, last)}`;
    const limit = paged ? ` limit ${PAGE_ROWS}` : "";
    const sql = `select ${columns} from ${quoteIdentifier(table.name)}${where} order by ${names.join(", ")}${limit}`;
    const { rows } = session.execute(sql);
    if (!rows.every(take)) return;
    const final = rows.at(-1);
    if (!paged || final === undefined || rows.length < PAGE_ROWS) return;
    last = indexes.map((index) => final[index] ?? null);
  }
}

/** (a > 1) or (a = 1 and b > 2): the rows behind a key (rowstreamer.go, buildSelect). */
function beyond(names: string[], fields: Field[], last: readonly Value[]): string {
  const alternatives = names.map((name, i) => {
    const equal = names.slice(0, i).map((before, j) => `${before} = ${sqlLiteral(last[j], fields[j] ?? {})}`);
    return `(${[...equal, `${name} > ${sqlLiteral(last[i], fields[i] ?? {})}`].join(" and ")})`;
  });
  return alternatives.join(" or ");
}
