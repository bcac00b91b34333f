import type { Context } from "../../context.js";
import { requireMount } from "./show.js";

/** Deletes the mount's record; NotFoundError when there is none. */
export async function unmount(ctx: Context, name: string): Promise<string> {
  const topo = await ctx.topo();
  await requireMount(topo, name);
  await topo.deleteMount(name);
  return name;
}
