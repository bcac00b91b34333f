import { forEachAtOnce } from "../../concurrency.js";
import type { Tablet } from "../../tablet/port.js";
import type { Field__Output as Field } from "../../wire/generated/query/Field.js";
import type { Side, VdiffRun } from "../run-context.js";
import type { PlannedColumn } from "./table-columns.js";

/** utf8mb4_general_ci */
const UTF8MB4 = 45;

/**
 * The sides with a tablet whose connection to its MySQL isn't in utf8mb4. VStreamResults sends text in the connection's
 * character set, with question marks for what that hasn't. It is --db_charset: utf8mb3 by default up to v12, utf8mb4 since.
 * But a server that doesn't know the collation which a tablet then asks for (255, utf8mb4_0900_ai_ci, and MariaDB has none
 * such) takes its own character_set_server instead: utf8mb3 in the my.cnf that mysqlctl writes for MariaDB (v22.0.3).
 */
export async function sidesInOtherCharset(
  run: Pick<VdiffRun, "sourceTablets" | "targetTablets" | "signal" | "waitMs">,
): Promise<Set<Side>> {
  const tablets: [Side, Tablet][] = [
    ...[...run.sourceTablets.values()].map((tablet): [Side, Tablet] => ["source", tablet]),
    ...[...run.targetTablets.values()].map((tablet): [Side, Tablet] => ["target", tablet]),
  ];
  const options = { signal: run.signal, timeoutMs: run.waitMs, maxRows: 1 };
  const found = await forEachAtOnce(tablets, async ([side, tablet]) => {
    const { rows } = await tablet.executeFetchAsApp("select @@character_set_results", options);
    return rows[0]?.[0]?.toString("latin1") === "utf8mb4" ? [] : [side];
  });
  return new Set(found.flat());
}

/** SQL for a text as the bytes that it has in utf8mb4: these no connection converts. */
export function asUtf8mb4Bytes(expression: string): string {
  return `cast(convert(${expression} using utf8mb4) as binary)`;
}

/** The fields of one side's rows, with text again where it was asked for as bytes. */
export function withTexts(fields: readonly Field[], columns: readonly PlannedColumn[], side: Side): Field[] {
  return fields.map((field, i) => {
    const type = columns[i]?.[`${side}Text`];
    return type === undefined ? field : { ...field, type, charset: UTF8MB4 };
  });
}
