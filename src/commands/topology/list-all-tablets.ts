import { defineCommand, text } from "../../cli/command.js";
import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { expandCells } from "../../tablet/picker.js";
import { type StoredTablet, storedTablets } from "../../topo/inventory.js";
import { formatAlias } from "../../topo/names.js";
import { clusterOf, mountOption } from "../mounted.js";
import { type TabletDocument, tabletDocument } from "./tablet-document.js";
import { tabletLine } from "./tablet-line.js";
import { parseTabletType, withoutStalePrimaries } from "./tablet-type.js";

/** Sorted by alias. */
interface TabletList {
  tablets: TabletDocument[];
}

/**
 * ListAllTablets: a line for each tablet (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandListAllTablets). Cells are words
 * with commas between them, or several words; without any, all cells.
 */
export const listAllTablets = defineCommand({
  name: "ListAllTablets",
  summary: "List the tablets of all cells or of some, here or in a mounted cluster.",
  usage: "[-keyspace <keyspace>] [-tablet_type <type>] [-mount <name>] [<cell>,<cell>,...]",
  examples: [
    "ListAllTablets",
    "ListAllTablets -keyspace commerce -tablet_type primary",
    "ListAllTablets -mount ext1 zx",
  ],
  args: { min: 0, max: Number.POSITIVE_INFINITY, complaint: "" },
  options: {
    keyspace: text("only tablets of this keyspace", ""),
    tabletType: text("only tablets of this type", "", { spelling: "tablet_type" }),
    mount: mountOption,
  },
  async run({ args, options }, ctx: Context): Promise<TabletList> {
    const type = options.tabletType === "" ? undefined : parseTabletType(options.tabletType);
    const topo = await clusterOf(ctx, options.mount);
    const named = args.flatMap((word) => word.split(",")).filter((cell) => cell !== "");
    const cells = named.length > 0 ? await expandCells(topo, named) : await topo.cells();
    const { tablets, failed } = await storedTablets(topo, cells);
    for (const { cell, error } of failed) ctx.io.warn(`the tablets of cell ${cell} are left out: ${error.message}`);
    const wanted = tablets.filter(
      (tablet) =>
        (options.keyspace === "" || tablet.keyspace === options.keyspace) &&
        (type === undefined || tablet.type === type),
    );
    const sorted = withoutStalePrimaries(wanted).sort((a, b) => (aliasOf(a) < aliasOf(b) ? -1 : 1));
    return { tablets: sorted.map(tabletDocument) };
  },
  view({ tablets }: TabletList, io: Io): void {
    for (const tablet of tablets) io.print(tabletLine(tablet));
  },
});

function aliasOf({ alias }: StoredTablet): string {
  return alias === null ? "" : formatAlias(alias);
}
