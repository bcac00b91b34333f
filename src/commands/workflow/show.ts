import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { goJson, tabIndented } from "../../io/json.js";
import { type ShowDocument, showDocument } from "../../workflow/show.js";
import { type ControlRequest, readWorkflow } from "./control.js";

/** Workflow <ks>.<wf> show. */
export async function show(ctx: Context, request: ControlRequest): Promise<ShowDocument> {
  return showDocument(await readWorkflow(ctx, request), ctx.clock.now());
}

/** encoding/json with tabs, as vtctlclient prints it. */
export function viewShow(document: ShowDocument, io: Io): void {
  io.print(goJson(document, tabIndented));
}
