import { defineCommand } from "../../cli/command.js";
import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { goJson, protoIndented } from "../../io/json.js";
import { storedTablet } from "../../topo/inventory.js";
import { clusterOf, mountOption } from "../mounted.js";
import { orKnownTablets } from "./known-tablets.js";
import { tabletDocument } from "./tablet-document.js";

/** GetTablet: a tablet's record as JSON (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandGetTablet). */
export const getTablet = defineCommand({
  name: "GetTablet",
  summary: "Display the record of a tablet, here or in a mounted cluster.",
  usage: "[-mount <name>] <tablet alias>",
  examples: ["GetTablet zone1-0000000100", "GetTablet -mount ext1 zx-1"],
  args: { min: 1, max: 1, complaint: "the <tablet alias> argument is required for the GetTablet command" },
  options: { mount: mountOption },
  async run({ args, options }, ctx: Context): Promise<object> {
    const [alias = ""] = args;
    const topo = await clusterOf(ctx, options.mount);
    return tabletDocument(await orKnownTablets(topo, storedTablet(topo, alias)));
  },
  view(document: object, io: Io): void {
    io.print(goJson(document, protoIndented));
  },
});
