import type { Context } from "../../context.js";
import { NotFoundError } from "../../errors.js";
import type { Topo } from "../../topo/port.js";
import { isTableSpec, parseTableSpec, requireSpecFits, type TableSpec, withSpec } from "../../vschema/table-spec.js";
import type { KeyspaceVSchema } from "../../vschema/vindex-choice.js";
import type { WorkflowName } from "../../workflow/name.js";
import { readTargets, type Target } from "../../workflow/targets.js";
import { readTargetVSchema } from "../vschema.js";
import { requireNewWorkflow } from "./new-workflow.js";
import type { CreateRequest } from "./request.js";

export interface TargetSide {
  /** The shards that are filled. */
  targets: Target[];
  /** As it will be, with the entries of a table spec. */
  vschema: KeyspaceVSchema;
  spec: TableSpec | undefined;
  /** Of the spec's tables those that the VSchema hasn't yet. */
  newEntries: string[];
  notes: string[];
}

/** The target keyspace, without the workflow that is to come, ready to take the tables. */
export async function lookAtTarget(
  ctx: Context,
  topo: Topo,
  request: CreateRequest,
  signal: AbortSignal,
): Promise<TargetSide> {
  const { name } = request;
  const all = await readTargets(topo, ctx.tablets(), name.keyspace);
  await requireNewWorkflow(name, all, { signal });
  const planned = await planTargetVSchema(topo, request, all);
  return { targets: chooseTargets(all, name, request.shards), ...planned };
}

/** The target's VSchema as Create will leave it; `all` are the keyspace's shards. */
export async function planTargetVSchema(
  topo: Topo,
  { name, tables }: Pick<CreateRequest, "name" | "tables">,
  all: Target[],
): Promise<Omit<TargetSide, "targets">> {
  const shards = all.map(({ shard }) => shard);
  const { vschema: stored, note } = await readTargetVSchema(topo, name.keyspace, shards);
  const spec = isTableSpec(tables) ? parseTableSpec(tables) : undefined;
  if (spec !== undefined) requireSpecFits(spec, name.keyspace, stored);
  return {
    vschema: spec === undefined ? stored : withSpec(stored, spec),
    spec,
    newEntries: spec?.names.filter((table) => !Object.hasOwn(stored.tables, table)) ?? [],
    notes: note === undefined ? [] : [note],
  };
}

/**
 * The shards that serve: others are on their way in or out of the keyspace (go/vt/topo/shard.go, GetServingShards, v11 to
 * v22). With -source_shards a stream goes between shards of the same name (go/vt/wrangler/materializer.go, v16).
 */
export function chooseTargets(all: Target[], name: WorkflowName, shards: string[]): Target[] {
  const targets = all.filter(({ shard }) => shard.isPrimaryServing);
  const { keyspace } = name;
  if (targets.length === 0) {
    throw new NotFoundError(`${keyspace} has no serving shards`, {
      hint: `Target keyspace ${keyspace} has ${all.map(({ shard }) => shard.name).join(", ")}, and none of them serves.`,
    });
  }
  if (shards.length === 0) return targets;
  const unknown = shards.filter((shard) => !targets.some((target) => target.shard.name === shard));
  if (unknown.length > 0) {
    throw new NotFoundError(`no shard ${unknown.join(", ")} in target keyspace ${keyspace}`, {
      hint: `-source_shards names shards of both keyspaces; the target has ${targets.map(({ shard }) => shard.name).join(", ")}.`,
    });
  }
  return targets.filter((target) => shards.includes(target.shard.name));
}
