import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { goJson, tabIndented } from "../../io/json.js";
import type { WorkflowName } from "../../workflow/name.js";
import { type ShowDocument, showDocument } from "../../workflow/show.js";
import { readStreams } from "../../workflow/streams.js";
import { readTargets } from "../../workflow/targets.js";

/** Workflow <ks>.<wf> show. */
export async function show(ctx: Context, name: WorkflowName): Promise<ShowDocument> {
  const topo = await ctx.topo();
  const targets = await readTargets(topo, ctx.tablets(), name.keyspace);
  const streams = await readStreams(name.keyspace, name.workflow, targets, { signal: ctx.signal });
  return showDocument(streams, ctx.clock.now());
}

/** encoding/json with tabs, as vtctlclient prints it. */
export function viewShow(document: ShowDocument, io: Io): void {
  io.print(goJson(document, tabIndented));
}
