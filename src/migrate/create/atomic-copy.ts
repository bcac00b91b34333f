import { forEachAtOnce } from "../../concurrency.js";
import { PreflightError } from "../../errors.js";
import type { CallOptions, Tablet } from "../../tablet/port.js";

/**
 * All tables from one snapshot is what tablets can from v18 on: older targets would silently copy table by table,
 * and older sources can't be read that way. PreflightError that names the tablets.
 */
export async function requireAtomicCopy(tablets: Tablet[], options: CallOptions): Promise<void> {
  const answers = await forEachAtOnce(tablets, async (tablet) => ({
    alias: tablet.record.alias,
    able: await tablet.hasWorkflowRpcs(options),
  }));
  const unable = answers.filter(({ able }) => !able).map(({ alias }) => alias);
  if (unable.length === 0) return;
  throw new PreflightError(`atomic copy needs tablets of v18 or later, and ${unable.join(", ")} is older`, {
    hint: "Leave out -atomic-copy: the tables are then copied one after the other.",
  });
}
