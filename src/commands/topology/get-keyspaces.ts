import { defineCommand } from "../../cli/command.js";
import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { clusterOf, mountOption } from "../mounted.js";

/** GetKeyspaces (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandGetKeyspaces). */
export const getKeyspaces = defineCommand({
  name: "GetKeyspaces",
  summary: "List all keyspaces, here or in a mounted cluster.",
  usage: "[-mount <name>]",
  examples: ["GetKeyspaces", "GetKeyspaces -mount ext1"],
  args: { min: 0, max: 0, complaint: "GetKeyspaces takes no arguments" },
  options: { mount: mountOption },
  async run({ options }, ctx: Context): Promise<{ keyspaces: string[] }> {
    const topo = await clusterOf(ctx, options.mount);
    return { keyspaces: await topo.keyspaces() };
  },
  /** Without any keyspace an empty line, as in Vitess. */
  view({ keyspaces }: { keyspaces: string[] }, io: Io): void {
    io.print(keyspaces.join("\n"));
  },
});
