import { UsageError } from "../errors.js";

/** The tablet types that can be a copy's source (topodata.TabletType), under their current names. */
const SOURCE_TYPES = ["PRIMARY", "REPLICA", "RDONLY"] as const;
type SourceType = (typeof SOURCE_TYPES)[number];

export interface TabletTypes {
  /** The types are tried one after the other; otherwise any of them is as good as another. */
  inOrder: boolean;
  types: SourceType[];
}

const IN_ORDER = "in_order:";
const OLD_NAMES: Record<string, SourceType> = { MASTER: "PRIMARY", BATCH: "RDONLY" };

/** Current name of a tablet type: MASTER is PRIMARY's alias (tag 1), BATCH RDONLY's (tag 3). */
export function canonicalType(type: string | number): string {
  const name = typeof type === "number" ? (["UNKNOWN", ...SOURCE_TYPES][type] ?? String(type)) : type.toUpperCase();
  return OLD_NAMES[name] ?? name;
}

/**
 * "in_order:REPLICA,PRIMARY", "master,replica,rdonly", in any case (go/vt/topo/topoproto/tablet.go,
 * ParseTabletTypes; the prefix: go/vt/discovery/tablet_picker.go, v14). UsageError for an unknown type.
 */
export function parseTabletTypes(text: string): TabletTypes {
  const inOrder = text.toLowerCase().startsWith(IN_ORDER);
  const names = (inOrder ? text.slice(IN_ORDER.length) : text).split(",").map((name) => name.trim());
  const types = names.map((name) => {
    const type = SOURCE_TYPES.find((known) => known === canonicalType(name));
    if (type === undefined) {
      throw new UsageError(`unknown TabletType ${name}`, {
        hint: `Tablet types are ${SOURCE_TYPES.join(", ").toLowerCase()}, with "in_order:" in front for a preference.`,
      });
    }
    return type;
  });
  return { inOrder, types: [...new Set(types)] };
}

/**
 * As a tablet's `_vt.vreplication.tablet_types` reads them: v14 and later "in_order:replica,primary" (as
 * v18's vtctl writes it); v11 knows neither the prefix nor "primary" (go/vt/vttablet/tabletmanager/vreplication/controller.go).
 */
export function formatTabletTypes(tabletTypes: TabletTypes, dialect: { beforeV12: boolean }): string {
  const names = tabletTypes.types.map((type) => type.toLowerCase());
  if (dialect.beforeV12) return names.map((name) => (name === "primary" ? "master" : name)).join(",");
  return (tabletTypes.inOrder ? IN_ORDER : "") + names.join(",");
}
