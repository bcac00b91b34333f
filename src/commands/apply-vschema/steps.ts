import { NotFoundError } from "../../errors.js";
import type { Step } from "../../plan.js";
import type { Topo, VSchemaFile } from "../../topo/port.js";
import { decodeVSchema, encodeVSchema, formatVSchema } from "../../vschema/document.js";
import type { Keyspace } from "../../wire/generated/vschema/Keyspace.js";
import { changedLines } from "./changed-lines.js";

/** `saved` is told when it is done. `version` is that of the VSchema which a statement has changed: saved only if nobody else has saved since. */
export function saveStep(
  topo: Topo,
  keyspace: string,
  { vschema, version }: { vschema: Keyspace; version: string | undefined },
  saved: () => void,
): Step {
  return {
    describe: `Write the VSchema of ${keyspace}`,
    apply: async () => {
      await topo.saveVSchema(keyspace, encodeVSchema(vschema), version);
      saved();
    },
  };
}

/** Without `cells` in all of them. */
export function rebuildStep(topo: Topo, cells: string[]): Step {
  return {
    describe: `Rebuild SrvVSchema in ${cells.length === 0 ? "every cell" : cells.join(", ")}`,
    details: ["SrvVSchema, in each cell's topology"],
    apply: () => topo.rebuildSrvVSchema(cells.length === 0 ? undefined : cells),
  };
}

/** The key, and the lines that a VSchema changes in what is stored there. */
export async function vschemaChange(topo: Topo, keyspace: string, vschema: Keyspace): Promise<string[]> {
  const stored = await storedVSchema(topo, keyspace);
  const before = formatVSchema(stored === undefined ? {} : decodeVSchema(stored.contents));
  const changes = await changedLines(before, formatVSchema(vschema));
  return [`keyspaces/${keyspace}/VSchema`, ...(changes.length === 0 ? ["nothing changes"] : changes)];
}

/** Undefined when the keyspace has none yet. */
export async function storedVSchema(topo: Topo, keyspace: string): Promise<VSchemaFile | undefined> {
  try {
    return await topo.vschema(keyspace);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
