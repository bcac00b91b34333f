/** `_vt.vdiff_table.lastpk`: behind which row a table is taken up again. */
import { parseProtoText } from "../../../wire/prototext.js";
import type { Row } from "../vreplication/apply.js";
import { formatLastKey, type LastKey, lastKeyOf, parseLastKey } from "../vreplication/copy-state.js";
import type { TableDiffPlan } from "./table-plan.js";

/** Until v21 a query.QueryResult; since then a VDiffTableLastPK, whose `source` is left out where it is the same. */
export function formatCheckpoint(plan: TableDiffPlan, sourceKeys: readonly number[], row: Row): string {
  const keys = plan.keys.map(({ index }) => index);
  const target = formatLastKey(keyOf(plan, keys, row));
  if (!plan.version.asksSource) return target;
  const same = keys.length === sourceKeys.length && keys.every((index, i) => index === sourceKeys[i]);
  const source = same ? "" : ` source:{${formatLastKey(keyOf(plan, sourceKeys, row))}}`;
  return `target:{${target}}${source}`;
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
