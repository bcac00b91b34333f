import { NotOursError } from "../../../plan.js";
import type { CallOptions } from "../../../tablet/port.js";
import { streamsInto } from "../../../workflow/other-workflows.js";
import type { Target } from "../../../workflow/targets.js";
import { filledTables } from "./filled-tables.js";
import { dropScript } from "./schema.js";

/**
 * Drops the tables that a Create has made on a target, or has begun to make (`made`), once its own streams are deleted.
 *
 * NotOursError, when the others are dropped, for those that stay: somebody else has created and filled them meanwhile,
 * which a script that failed may have met; or his streams fill them, which vtctld may have inserted at any time, as its
 * Create takes no lock: they would go on behind rows that are gone.
 */
export async function dropOwn(target: Target, names: string[], { made, ...options }: CallOptions & { made: boolean }) {
  const { primary } = target;
  const streams = await streamsInto(target, options);
  const fed = names.filter((name) => streams.some(({ fills }) => fills(name)));
  const candidates = names.filter((name) => !fed.includes(name));
  const filled = made || candidates.length === 0 ? [] : await filledTables(primary, candidates, options);
  const ours = candidates.filter((name) => !filled.includes(name));
  if (ours.length > 0) await primary.applySchema(dropScript(primary.record.dbName, ours), options);
  const kept = [
    ...(fed.length > 0 ? [`streams that were not taken back fill ${fed.join(", ")}, which stays`] : []),
    ...(filled.length > 0 ? [`${filled.join(", ")} has rows that are not ours, and stays`] : []),
  ];
  if (kept.length > 0) throw new NotOursError(kept.join("; "));
}
