import type { Context } from "../../context.js";
import { NotFoundError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { compact, goJson } from "../../io/json.js";
import { closest } from "../../suggest.js";
import type { Topo, TopoConfig } from "../../topo/port.js";

export interface MountedCluster extends TopoConfig {
  name: string;
}

export async function showMount(ctx: Context, name: string): Promise<MountedCluster> {
  const topo = await ctx.topo();
  return { name, ...(await requireMount(topo, name)) };
}

/** NotFoundError "there is no vitess cluster named <name>", with the names that there are. */
export async function requireMount(topo: Topo, name: string): Promise<TopoConfig> {
  const names = await topo.mounts();
  if (names.includes(name)) return await topo.mount(name);
  throw new NotFoundError(`there is no vitess cluster named ${name}`, { hint: knownNames(name, names) });
}

/**
 * One line as Go's encoding/json prints the struct: its own name capitalised, the record's in snake_case,
 * empty members left out (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandMount).
 */
export function viewMount({ name, type, server, root }: MountedCluster, io: Io): void {
  const topoConfig = { topo_type: type || undefined, server: server || undefined, root: root || undefined };
  io.print(goJson({ ClusterName: name, topo_config: topoConfig }, compact));
}

function knownNames(name: string, names: string[]): string {
  if (names.length === 0) return "No cluster is mounted.";
  const near = closest(name, names);
  return near === undefined ? `Mounted: ${names.join(", ")}.` : `Did you mean ${near}?`;
}
