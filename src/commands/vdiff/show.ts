import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { type ListedVdiff, listWorkflowVdiffs } from "../../vdiff/tablet-engine/list.js";
import { showLast, showVdiff } from "../../vdiff/tablet-engine/show.js";
import type { Summary } from "../../vdiff/tablet-engine/summary.js";
import { listDocument, summaryDocument } from "../../vdiff/tablet-engine/view/document.js";
import { renderList, renderListJson } from "../../vdiff/tablet-engine/view/list-text.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";
import type { VdiffOptions } from "./engine-options.js";
import { summaryExitCode, viewSummary } from "./summary.js";

const NOT_FOUND = 6;

export interface ShownAnswer extends WorkflowName {
  action: "show";
  format: string;
  verbose: boolean;
  /** A list, one VDiff, or none when the last is asked for and there was none. */
  found: { list: ListedVdiff[] } | { summary: Summary | undefined };
  toJSON(): object;
}

/** VDiff <ks>.<wf> show <UUID>|last|all */
export async function show(
  ctx: Context,
  name: WorkflowName,
  which: string,
  { format, verbose }: VdiffOptions,
): Promise<ShownAnswer> {
  const found = await find(ctx, name, which);
  const toJSON = () => {
    if ("list" in found) return { action: "show", ...name, vdiffs: listDocument(found.list) };
    return { action: "show", ...(found.summary === undefined ? name : summaryDocument(found.summary)) };
  };
  return { action: "show", ...name, format: format.toLowerCase(), verbose, found, toJSON };
}

async function find(ctx: Context, name: WorkflowName, which: string): Promise<ShownAnswer["found"]> {
  if (which === "all") return { list: await listWorkflowVdiffs(ctx, name) };
  return { summary: which === "last" ? await showLast(ctx, name) : await showVdiff(ctx, name, which) };
}

export function viewShown(answer: ShownAnswer, io: Io): void {
  const { found, verbose } = answer;
  const json = answer.format === "json";
  if ("list" in found) {
    io.write(json ? renderListJson(found.list) : renderList(answer, found.list));
  } else if (found.summary !== undefined) {
    viewSummary(found.summary, { json, verbose }, io);
  } else {
    io.print(json ? "{}" : `No previous vdiff found for ${formatWorkflowName(answer)}`);
  }
}

/** A list is an answer whatever is in it. */
export function shownExitCode({ found }: ShownAnswer): number {
  if ("list" in found) return 0;
  return found.summary === undefined ? NOT_FOUND : summaryExitCode(found.summary);
}
