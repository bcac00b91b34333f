/** The tablets whose rows are compared (vdiff/table_differ.go, selectTablets). */
import type { SandboxTopo } from "../../topo.js";
import { parseTabletTypes, pickTablet, type SourceTablet } from "../vreplication/picker.js";
import { type WorkflowRun, withSourceTopo } from "./workflow-run.js";

export interface PickedTablets {
  /** By the source's shard. */
  sources: Map<string, SourceTablet>;
  target: SourceTablet;
}

/**
 * Searches for a tablet of each source shard, and for one of the target's. A search without a candidate goes on for
 * ever: it ends with the signal, as "context has expired".
 */
export function pickTablets(run: WorkflowRun, signal: AbortSignal): Promise<PickedTablets> {
  const { state, options, sources, sourceKeyspace } = run;
  const { keyspace, shard } = state.identity;
  return withSourceTopo(run, async (sourceTopo) => {
    const [target, ...found] = await Promise.all([
      pick(run, state.topo, options.targetCell, keyspace, shard, signal),
      ...sources.map((source) => pick(run, sourceTopo, options.sourceCell, sourceKeyspace, source.shard, signal)),
    ]);
    return { target, sources: new Map(sources.flatMap(({ shard }, i) => (found[i] ? [[shard, found[i]]] : []))) };
  });
}

async function pick(
  { state, options }: WorkflowRun,
  topo: SandboxTopo,
  cells: string,
  keyspace: string,
  shard: string,
  signal: AbortSignal,
): Promise<SourceTablet> {
  const { profile } = state;
  const { tabletTypes: types } = options;
  try {
    return await pickTablet(
      {
        topo,
        keyspace,
        shard,
        cells: profile.vdiff.externalSources ? cells.split(",") : [cells],
        localCell: state.identity.cell,
        tabletTypes: types === "" ? { types: [], inOrder: false } : parseTabletTypes(types, profile),
        profile,
        security: state.peers,
        retryMs: state.timings.pickerRetryMs,
        rounds: undefined,
      },
      signal,
    );
  } catch (error) {
    throw signal.aborted ? new Error("context has expired") : error;
  }
}
