import type { Context } from "../../context.js";

/** The names of all mounts, sorted. */
export async function listMounts(ctx: Context): Promise<string[]> {
  const topo = await ctx.topo();
  return await topo.mounts();
}
