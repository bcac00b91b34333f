import { forEachAtOnce } from "../concurrency.js";
import { PreflightError } from "../errors.js";
import { readCapabilities } from "../tablet/capabilities.js";
import type { CallOptions, WorkflowUpdate } from "../tablet/port.js";
import { formatTabletTypes } from "../tablet/types.js";
import { withOnDdl } from "../wire/binlog-source.js";
import { sqlString } from "../wire/sql.js";
import { checkInterruptible, type RowsAffected } from "./control.js";
import type { Stream, WorkflowStreams } from "./streams.js";
import type { Target } from "./targets.js";

export interface UpdatedTablet extends RowsAffected {
  /** The tablet has no UpdateVReplicationWorkflow (before v18): its rows were changed by statements. */
  byStatements: boolean;
}

/** What one tablet will be asked. */
interface TabletUpdate {
  target: Target;
  /** One for each stream; undefined: by the RPC. */
  statements: string[] | undefined;
}

/**
 * Changes where a workflow's streams read from and what they do with DDL, on the target primaries that have some. Their
 * state stays; each is stopped for a moment and starts anew with the changed row.
 *
 * ConflictError as `checkInterruptible`; PreflightError where a tablet's `source` can't hold the change. Nothing has been
 * changed then.
 */
export async function updateWorkflow(
  workflow: WorkflowStreams,
  update: WorkflowUpdate,
  options: CallOptions = {},
): Promise<UpdatedTablet[]> {
  checkInterruptible(workflow);
  const plan = await forEachAtOnce(targetsWithStreams(workflow), async (target): Promise<TabletUpdate> => {
    if (await target.primary.hasWorkflowRpcs(options)) return { target, statements: undefined };
    const streams = workflow.streams.filter((stream) => stream.target === target);
    return { target, statements: await Promise.all(streams.map((stream) => updateStatement(stream, update, options))) };
  });
  return forEachAtOnce(plan, async ({ target: { primary }, statements }) => {
    const tablet = primary.record.alias;
    if (statements === undefined) {
      const rowsAffected = await primary.updateWorkflow({ ...update, workflow: workflow.workflow }, options);
      return { tablet, rowsAffected, byStatements: false };
    }
    let rowsAffected = 0;
    for (const statement of statements) {
      rowsAffected += (await primary.vreplicationExec(statement, options)).rowsAffected;
    }
    return { tablet, rowsAffected, byStatements: true };
  });
}

export function targetsWithStreams({ targets, streams }: WorkflowStreams): Target[] {
  return targets.filter((target) => streams.some((stream) => stream.target === target));
}

/** What v18's tablets make of the row, in the words of the tablet's version. */
async function updateStatement(stream: Stream, update: WorkflowUpdate, options: CallOptions): Promise<string> {
  const { primary } = stream.target;
  const { beforeV12, maxSourceBytes } = await readCapabilities(primary, options);
  const set: string[] = [];
  if (update.cells !== undefined) set.push(`cell = ${sqlString(update.cells.join(","))}`);
  if (update.tabletTypes !== undefined) {
    const { types, inOrder } = update.tabletTypes;
    const preferred = inOrder || stream.tabletTypes.startsWith("in_order:");
    set.push(`tablet_types = ${sqlString(formatTabletTypes({ types, inOrder: preferred }, { beforeV12 }))}`);
  }
  if (update.onDdl !== undefined) {
    const source = withOnDdl(stream.sourceText, update.onDdl);
    if (Buffer.byteLength(source) > maxSourceBytes) {
      throw new PreflightError(
        `stream ${stream.id} on ${primary.record.alias} has no room for -on-ddl: its source may have ${maxSourceBytes} bytes`,
      );
    }
    set.push(`source = ${sqlString(source)}`);
  }
  return `update _vt.vreplication set ${set.join(", ")} where id = ${stream.id}`;
}
