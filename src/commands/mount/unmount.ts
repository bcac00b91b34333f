import type { Context } from "../../context.js";
import { workflowsOf } from "../../workflow/record.js";
import { requireMount } from "./show.js";

/**
 * Deletes the mount's record; NotFoundError when there is none. Workflows that read from it are told of and don't
 * stand in the way, as with vtctlclient.
 */
export async function unmount(ctx: Context, name: string): Promise<string> {
  const topo = await ctx.topo();
  await requireMount(topo, name);
  const users = await workflowsOf(topo, name);
  await topo.deleteMount(name);
  if (users.length > 0) {
    ctx.io.warn(
      `${users.join(", ")} still reads from ${name}: its streams end when they are started anew, and VDiff and Complete need the mount.`,
    );
  }
  return name;
}
