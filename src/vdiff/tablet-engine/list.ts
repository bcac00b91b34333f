import type { Context } from "../../context.js";
import { FailedError } from "../../errors.js";
import { records } from "../../wire/result.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { Target } from "../../workflow/targets.js";
import { callVdiff } from "./call.js";
import { toState, type VdiffState } from "./shown.js";
import { askShards, findShards, type ShardAnswer } from "./workflow.js";

/** A row of `_vt.vdiff`: a VDiff on one target shard. */
export interface ListedVdiff extends WorkflowName {
  uuid: string;
  shard: string;
  /** The primary's alias. */
  tablet: string;
  state: VdiffState;
  lastError: string;
  /** "2026-11-22 16:36:51" */
  createdAt: string;
  options: StoredOptions;
}

/** VDiffOptions as the tablet has stored them: fields that its version doesn't know are missing, as are zeros. */
export interface StoredOptions {
  core_options?: Record<string, unknown>;
  picker_options?: Record<string, unknown>;
  report_options?: Record<string, unknown>;
}

/** Every VDiff of the workflow by shard, the newest first (a tablet shows 100 at most, v18 and later). */
export async function listWorkflowVdiffs(ctx: Context, name: WorkflowName): Promise<ListedVdiff[]> {
  const { targets, silent } = await findShards(ctx, name);
  for (const { failure } of silent) ctx.io.warn(`not in this list: ${failure?.message}`);
  return listVdiffs(ctx, name, targets);
}

/** Those of some shards. The first failure is thrown. */
export async function listVdiffs(ctx: Context, name: WorkflowName, targets: readonly Target[]): Promise<ListedVdiff[]> {
  const answers = await listOnShards(ctx, name, targets);
  return answers.flatMap(({ answer, failure }) => {
    if (failure !== undefined) throw failure;
    return answer;
  });
}

/** Each shard's own. */
export function listOnShards(
  { signal }: Context,
  { keyspace, workflow }: WorkflowName,
  targets: readonly Target[],
): Promise<ShardAnswer<ListedVdiff[]>[]> {
  return askShards(targets, signal, async ({ shard, primary }) => {
    const { output } = await callVdiff(primary, { keyspace, workflow, action: "show", actionArg: "all" }, { signal });
    const rows = records(output).toSorted((a, b) => Number(b.id) - Number(a.id));
    const { alias } = primary.record;
    // v14 and v16 list every workflow's.
    return rows
      .filter((row) => row.workflow === workflow && row.keyspace === keyspace)
      .map((row) => toListed(row, { keyspace, workflow, shard: shard.name, tablet: alias }));
  });
}

function toListed(
  row: Record<string, string | null>,
  place: WorkflowName & { shard: string; tablet: string },
): ListedVdiff {
  return {
    uuid: row.vdiff_uuid ?? "",
    ...place,
    state: toState(row.state),
    lastError: row.last_error ?? "",
    createdAt: row.created_at ?? "",
    options: parseOptions(row.options ?? "{}", place.tablet),
  };
}

function parseOptions(text: string, tablet: string): StoredOptions {
  try {
    return JSON.parse(text) ?? {};
  } catch (cause) {
    throw new FailedError(`the options of a VDiff on ${tablet} can't be read: ${text.slice(0, 100)}`, { cause });
  }
}

/** The UUID of the VDiff that was created last; undefined without any. */
export function newest(listed: readonly ListedVdiff[]): string | undefined {
  const first = new Map<string, ListedVdiff>();
  for (const vdiff of listed) if (!first.has(vdiff.shard)) first.set(vdiff.shard, vdiff);
  const [latest] = [...first.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return latest?.uuid;
}
