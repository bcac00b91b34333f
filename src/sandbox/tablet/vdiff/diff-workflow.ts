/** The tables of a VDiff, one after the other (vdiff/workflow_differ.go, diff). */
import { quoteIdentifier } from "../../../wire/sql.js";
import { errorText } from "../errors.js";
import { isInternalTable, queryFor } from "../vstream/rules.js";
import { diffTable, type PlannedTable } from "./diff-table.js";
import { sourceKeys } from "./source-keys.js";
import { aliasProto, planTable } from "./table-plan.js";
import type { WorkflowRun } from "./workflow-run.js";

/** What no Vitess catches: its process is gone. */
export class PanicError extends Error {}

/** Resolves when every table is completed and the VDiff marked so. */
export async function diffWorkflow(run: WorkflowRun, signal: AbortSignal): Promise<void> {
  const { store, id, options, state } = run;
  const { lifecycle } = state.profile.vdiff;
  const tables = await planTables(run, signal);
  const names = tables.map(({ plan }) => plan.table.name);
  if (options.updateTableStats) await analyze(run, names);
  if (lifecycle) await store.registerTables(id, names);
  const limit = { left: options.maxRows };
  for (const table of tables) {
    const { name } = table.plan.table;
    if (signal.aborted) throw new Error("context has expired");
    if (!lifecycle) await store.registerTables(id, [name]);
    try {
      await diffTable(run, table, lifecycle ? { left: options.maxRows } : limit, signal);
    } catch (error) {
      await store.setTableState(id, name, "error");
      await store.log(id, `Table ${name} Error: ${errorText(error)}`);
      throw error;
    }
    if (lifecycle) await store.setTableState(id, name, "completed");
  }
  if ((await store.incomplete(id)).length === 0) await store.setState(id, "completed");
}

/** The target's tables that the streams fill and the options name. Go's order is random, here it is that of the names. */
async function planTables(run: WorkflowRun, signal: AbortSignal): Promise<PlannedTable[]> {
  const { state, options, rules } = run;
  const wanted = options.tables.trim() === "" ? [] : options.tables.trim().split(",");
  const planned: PlannedTable[] = [];
  try {
    for (const table of state.mysql.tables(state.dbName)) {
      if (wanted.length > 0 && !wanted.includes(table.name)) continue;
      if (isInternalTable(table.name)) continue;
      if (rules === undefined) throw new PanicError("invalid memory address or nil pointer dereference");
      const query = queryFor(rules, table.name);
      if (query === undefined) continue;
      const plan = planTable(state, table, query, run.timeZones);
      planned.push({ plan, sourceKeys: await sourceKeys(run, plan, signal) });
    }
    if (planned.length > 0) return planned;
    const where = state.profile.vdiff.lifecycle ? `, on tablet ${aliasProto(state)}` : "";
    throw new Error(`no tables found to diff, ${options.tables.trim()}:[${wanted.join(" ")}]${where}`);
  } catch (error) {
    throw error instanceof PanicError ? error : new Error(`buildPlan: ${errorText(error)}`);
  }
}

function analyze({ store, state }: WorkflowRun, tables: string[]): Promise<void> {
  return store.run((execute) => {
    for (const table of tables) execute(`analyze table ${quoteIdentifier(state.dbName)}.${quoteIdentifier(table)}`);
  });
}
