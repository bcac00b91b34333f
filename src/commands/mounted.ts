/**
 * How commands that only look reach a mounted cluster, which Vitess's own can't: a keyspace is written with the mount in
 * front of it, "ext1.commerce", and what names no keyspace takes `-mount ext1`.
 */
import { text } from "../cli/command.js";
import type { Context } from "../context.js";
import type { Topo } from "../topo/port.js";

export const mountOption = text("look into a mounted cluster: the name of its mount", "");

/** The mount's topology, or the target's own for "". NotFoundError "no vitess cluster found with name <name>". */
export async function clusterOf(ctx: Context, mount: string): Promise<Topo> {
  const own = await ctx.topo();
  return mount === "" ? own : own.openMount(mount);
}

/** "commerce" or "ext1.commerce". Errors as `clusterOf`. */
export async function openKeyspace(ctx: Context, typed: string): Promise<{ topo: Topo; keyspace: string }> {
  const dot = typed.indexOf(".");
  const own = await ctx.topo();
  return { topo: dot < 0 ? own : await own.openMount(typed.slice(0, dot)), keyspace: typed.slice(dot + 1) };
}
