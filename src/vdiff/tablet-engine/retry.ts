import type { Context } from "../../context.js";
import type { Topo } from "../../topo/port.js";
import { hasVSchema } from "../../topo/read-vschema.js";

/**
 * Whether the tablets shall try again after errors, when nobody has said so: not when the source's keyspace has no VSchema
 * in the target's own topology. There v18 to v22 look up whether a table with extra rows is a reference table, fail, and
 * would do so every 30 s for ever, counting the last rows once more each time (measured on v18.0.8).
 */
export async function retryByDefault(ctx: Context, topo: Topo, sourceKeyspace: string): Promise<boolean> {
  if (await hasVSchema(topo, sourceKeyspace)) return true;
  ctx.io.note(
    `Errors are not tried again: keyspace ${sourceKeyspace} has no VSchema in this cluster, so that a table with extra rows ends in error, and each retry would count rows twice. -auto-retry overrules.`,
  );
  return false;
}
