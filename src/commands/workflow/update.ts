import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import type { WorkflowUpdate } from "../../tablet/port.js";
import { parseTabletTypes } from "../../tablet/types.js";
import { onDdlNames } from "../../wire/binlog-source.js";
import { checkInterruptible } from "../../workflow/control.js";
import { targetsWithStreams, updateWorkflow } from "../../workflow/update.js";
import { type ControlledTablets, type ControlRequest, readWorkflow } from "./control.js";
import type { WorkflowOptions } from "./options.js";
import { checkSource } from "./update-source.js";

/** What would be changed, and where. */
export interface PlannedUpdate {
  keyspace: string;
  workflow: string;
  update: WorkflowUpdate;
  /** Sorted by alias. */
  tablets: { tablet: string; shard: string }[];
}

/** The new values, from what was typed. UsageError in vtctl's words (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandWorkflow). */
export function readUpdate(options: WorkflowOptions, given: ReadonlySet<string>): WorkflowUpdate {
  const update = {
    ...(given.has("cells") && { cells: options.cells }),
    ...(given.has("tabletTypes") && { tabletTypes: parseTabletTypes(options.tabletTypes.join(",")) }),
    ...(given.has("onDdl") && { onDdl: parseOnDdl(options.onDdl) }),
  };
  if (Object.keys(update).length > 0) return update;
  throw new UsageError("no updates were provided; use --cells, --tablet-types, or --on-ddl to specify new values");
}

function parseOnDdl(typed: string): WorkflowUpdate["onDdl"] {
  const found = onDdlNames.find((name) => name === typed.toUpperCase());
  if (found !== undefined) return found;
  throw new UsageError(`invalid on-ddl action: ${typed}`, { hint: `One of ${onDdlNames.join(", ")}.` });
}

/** Workflow <ks>.<wf> update. What the source cluster hasn't got is refused or told before anything is changed. */
export async function update(
  ctx: Context,
  request: ControlRequest,
  changed: WorkflowUpdate,
): Promise<ControlledTablets | PlannedUpdate> {
  const workflow = await readWorkflow(ctx, request);
  checkInterruptible(workflow);
  await checkSource(ctx, workflow, changed);
  if (request.dryRun) {
    const tablets = targetsWithStreams(workflow).map(({ primary, shard }) => ({
      tablet: primary.record.alias,
      shard: shard.name,
    }));
    const { keyspace, workflow: name } = request;
    return {
      keyspace,
      workflow: name,
      update: changed,
      tablets: tablets.sort((a, b) => (a.tablet < b.tablet ? -1 : 1)),
    };
  }
  const answers = await updateWorkflow(workflow, changed, { signal: ctx.signal });
  const old = answers.filter(({ byStatements }) => byStatements).map(({ tablet }) => tablet);
  if (old.length > 0) {
    ctx.io.note(
      `${old.join(", ")} has no UpdateVReplicationWorkflow (v18 and later): its streams were changed row by row.`,
    );
  }
  return { tablets: answers.map(({ tablet, rowsAffected }) => ({ tablet, rowsAffected })) };
}

/** As vtctlclient prints it (go/vt/wrangler/vexec.go, execWorkflowAction), but with the preference that was typed. */
export function viewPlannedUpdate({ keyspace, workflow, update: changed, tablets }: PlannedUpdate, io: Io): void {
  const { cells, tabletTypes, onDdl } = changed;
  io.print("The following workflow fields will be updated:");
  if (cells !== undefined) io.print(`  cells=${JSON.stringify(cells.join(","))}`);
  if (tabletTypes !== undefined) {
    const types = tabletTypes.types.join(",").toLowerCase();
    io.print(`  tablet_types="${tabletTypes.inOrder ? "in_order:" : ""}${types}"`);
  }
  if (onDdl !== undefined) io.print(`  on_ddl="${onDdl}"`);
  io.print(`On the following tablets in the ${keyspace} keyspace for workflow ${workflow}:`);
  for (const { tablet, shard } of tablets) io.print(`  ${tablet} (${keyspace}/${shard})`);
}
