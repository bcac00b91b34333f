/** `_vt.vdiff_table.lastpk`: behind which row a table is taken up again. */
import type { Field } from "../../../wire/generated/query/Field.js";
import { parseProtoText, quoteProtoText } from "../../../wire/prototext.js";
import type { Row } from "../vreplication/apply.js";
import { formatLastKey, type LastKey, lastKeyOf, parseLastKey } from "../vreplication/copy-state.js";
import type { TableDiffPlan } from "./table-plan.js";

/** Until v21 a query.QueryResult; since then a VDiffTableLastPK, whose `source` is left out where it is the same. */
export function formatCheckpoint(plan: TableDiffPlan, sourceKeys: readonly number[], row: Row): string {
  const keys = plan.keys.map(({ index }) => index);
  const target = format(keyOf(plan, keys, row));
  if (!plan.version.asksSource) return target;
  const same = keys.length === sourceKeys.length && keys.every((index, i) => index === sourceKeys[i]);
  const source = same ? "" : ` source:{${format(keyOf(plan, sourceKeys, row))}}`;
  return `target:{${target}}${source}`;
}

function format(key: LastKey): string {
  return formatLastKey(key, key.fields.map(wholeField));
}

/** A field as GetSchema has it, zeros left out (measured on v18.0.8). */
function wholeField(field: Field): string {
  const text = (name: string, value: string | undefined) => (value ? ` ${name}:${quoteProtoText(value)}` : "");
  const number = (name: string, value: number | undefined) => (value ? ` ${name}:${value}` : "");
  const parts = [
    `name:${quoteProtoText(field.name ?? "")} type:${String(field.type)}`,
    text("table", field.table),
    text("org_table", field.org_table),
    text("database", field.database),
    text("org_name", field.org_name),
    number("column_length", field.column_length),
    number("charset", field.charset),
    number("decimals", field.decimals),
    number("flags", field.flags),
  ];
  return `fields:{${parts.join("")}}`;
}

function keyOf({ columns }: TableDiffPlan, keys: readonly number[], row: Row): LastKey {
  return {
    fields: keys.map((index) => columns[index]?.field ?? {}),
    row: keys.map((index) => row[index] ?? null),
  };
}

/** `text` is not empty. */
export function parseCheckpoint(text: string, perSide: boolean): { source: LastKey; target: LastKey } {
  if (!perSide) {
    const key = parseLastKey(text);
    return { source: key, target: key };
  }
  const checkpoint = parseProtoText(text);
  const [target, source] = ["target", "source"].map((side) => checkpoint.messages(side).map(lastKeyOf).at(0));
  if (target === undefined) throw new Error(`failed to unmarshal lastpk value of ${text}`);
  return { source: source ?? target, target };
}
