/** By which key the source's tablets order a table, where that is asked (vdiff/table_differ.go, getSourcePKCols, v22). */
import { formatAlias } from "../../topo.js";
import { tableDefinition } from "./manager-client.js";
import type { TableDiffPlan } from "./table-plan.js";
import { type WorkflowRun, withSourceTopo } from "./workflow-run.js";

/** topo.RemoteOperationTimeout, three times. */
const TIMEOUT_MS = 45_000;

/**
 * Places of the source's key columns among the target's columns. The first source shard's primary is asked, whichever
 * tablets are read; without a primary key there, the target's substitute stands for the source's.
 */
export async function sourceKeys(run: WorkflowRun, plan: TableDiffPlan, signal: AbortSignal): Promise<number[]> {
  const own = plan.keys.map(({ index }) => index);
  if (!plan.version.asksSource) return own;
  try {
    const names = await primaryKeyOnSource(run, plan.table.name, signal);
    if (names === undefined || names.length === 0) return own;
    return plan.table.columns.flatMap(({ name }, index) => (names.includes(name) ? [index] : []));
  } catch (error) {
    const what = `could not get the primary key columns from the ${run.sourceKeyspace} source keyspace`;
    throw new Error(`${what}: ${(error as Error).message}`);
  }
}

function primaryKeyOnSource(run: WorkflowRun, table: string, signal: AbortSignal): Promise<string[] | undefined> {
  const { sourceKeyspace, sources, state } = run;
  return withSourceTopo(run, async (topo) => {
    const shard = sources[0]?.shard;
    if (shard === undefined) throw new Error(`no source shards found in ${sourceKeyspace} keyspace`);
    const record = await topo.get("topodata.Shard", `keyspaces/${sourceKeyspace}/shards/${shard}/Shard`);
    const alias = record.primary_alias;
    if (alias === null) throw new Error(`source shard ${shard} has no primary`);
    const cell = await topo.cell(alias.cell);
    const tablet = await cell.get("topodata.Tablet", `tablets/${formatAlias(alias)}/Tablet`);
    const peer = { address: `${tablet.hostname}:${tablet.port_map.grpc}`, security: state.peers };
    try {
      return (await tableDefinition(peer, table, TIMEOUT_MS, signal))?.primary_key_columns;
    } catch (error) {
      const from = `from source tablet ${formatAlias(alias)}`;
      throw new Error(`failed to get the schema for table ${table} ${from}: ${(error as Error).message}`);
    }
  });
}
