/** `_vt.copy_state`: which tables of a stream are still to be copied, and behind which key each goes on. */
import type { Field } from "../../../wire/generated/query/Field.js";
import { type ProtoText, parseProtoText, quoteProtoText } from "../../../wire/prototext.js";
import { records, type Value } from "../../../wire/result.js";
import { sqlString } from "../../../wire/sql.js";
import type { StreamStore } from "./store.js";

export interface LastKey {
  fields: Field[];
  row: Value[];
}

/** Tables still to be copied, by name; undefined: not begun. */
export type CopyState = Map<string, LastKey | undefined>;

export function readCopyState(store: StreamStore, id: number): CopyState {
  const newest = store.state.profile.engine.copyStateIds
    ? ` and id in (select max(id) from _vt.copy_state where vrepl_id = ${id} group by vrepl_id, table_name)`
    : "";
  const result = store.execute(
    `select table_name, lastpk from _vt.copy_state where vrepl_id = ${id}${newest} order by table_name`,
  );
  return new Map(
    records(result).map(({ table_name: table, lastpk }) => [table ?? "", lastpk ? parseLastKey(lastpk) : undefined]),
  );
}

export function addTables(store: StreamStore, id: number, tables: string[]): void {
  const rows = tables.map((table) => `(${id}, ${sqlString(table)})`).join(", ");
  store.execute(`insert into _vt.copy_state(vrepl_id, table_name) values ${rows}`);
}

/** From v16 on each batch adds a row, before that the table's row changed. */
export function saveLastKey(store: StreamStore, id: number, table: string, key: LastKey): void {
  const lastpk = sqlString(formatLastKey(key));
  const name = sqlString(table);
  store.execute(
    store.state.profile.engine.copyStateIds
      ? `insert into _vt.copy_state(vrepl_id, table_name, lastpk) values (${id}, ${name}, ${lastpk})`
      : `update _vt.copy_state set lastpk = ${lastpk} where vrepl_id = ${id} and table_name = ${name}`,
  );
}

export function removeTable(store: StreamStore, id: number, table: string): void {
  store.execute(`delete from _vt.copy_state where vrepl_id = ${id} and table_name = ${sqlString(table)}`);
}

/** A query.QueryResult of one row as prototext; `described` are the columns' fields. */
export function formatLastKey({ fields, row }: LastKey, described = fields.map(shortField)): string {
  const lengths = row.map((value) => `lengths:${value === null ? -1 : value.length}`);
  const values = Buffer.concat(row.filter((value) => value !== null));
  return `${described.join(" ")} rows:{${[...lengths, `values:${quoteBytes(values)}`].join(" ")}}`;
}

function shortField({ name, type, charset, flags }: Field): string {
  const numbers = [charset ? ` charset:${charset}` : "", flags ? ` flags:${flags}` : ""].join("");
  return `fields:{name:${quoteProtoText(name ?? "")} type:${String(type)}${numbers}}`;
}

function quoteBytes(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  if (Buffer.from(text, "utf8").equals(bytes)) return quoteProtoText(text);
  return `"${[...bytes].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("")}"`;
}

export function parseLastKey(text: string): LastKey {
  return lastKeyOf(parseProtoText(text));
}

/** A query.QueryResult of one row. */
export function lastKeyOf(result: ProtoText): LastKey {
  const fields = result.messages("fields").map((field) => ({
    name: field.text("name"),
    type: field.word("type") as Field["type"] & string,
    charset: Number(field.word("charset")),
    flags: Number(field.word("flags")),
  }));
  const [row] = result.messages("rows");
  if (row === undefined) throw new Error("lastpk has no row");
  const bytes = row.bytes("values") ?? Buffer.alloc(0);
  let offset = 0;
  const values = row.words("lengths").map((word) => {
    const length = Number(word);
    if (length < 0) return null;
    offset += length;
    return bytes.subarray(offset - length, offset);
  });
  return { fields, row: values };
}
