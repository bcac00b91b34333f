import { forEachAtOnce } from "../../concurrency.js";
import { FailedError } from "../../errors.js";
import type { Step } from "../../plan.js";
import { canonicalType } from "../../tablet/types.js";
import { ownEntry } from "../../vschema/vindex-choice.js";
import { decode } from "../../wire/proto.js";
import { inspectVSchema } from "../vschema.js";
import type { EndParts } from "./workflow-end.js";

export interface VerifyParts extends EndParts {
  /** An earlier run has added the entries: one that is gone was taken out by somebody since. */
  announced: boolean;
  warn(line: string): void;
}

/**
 * Reads back what the application will meet: the tables in the VSchema, the same tables in every cell's SrvVSchema, and
 * none of them on a shard's denied list. FailedError with all that is wrong; a second Complete does the steps again.
 */
export function verifyStep(parts: VerifyParts): Step {
  return {
    describe: "Verify VSchema, SrvVSchema in every cell, and the denied lists by reading them",
    apply: async () => {
      const { missing } = await inspectVSchema(parts.topo, parts.name.keyspace, parts.tables);
      if (missing.length > 0 && parts.announced) {
        parts.warn(
          `the VSchema of ${parts.name.keyspace} has no entry for ${missing.join(", ")} any more: somebody has taken it out.`,
        );
      }
      const known = parts.tables.filter((table) => !missing.includes(table));
      const wrong = [
        ...(missing.length > 0 && !parts.announced
          ? [`the VSchema of ${parts.name.keyspace} has no entry for ${missing.join(", ")}`]
          : []),
        ...(await notServed(parts, known)),
        ...(await stillDenied(parts)),
      ];
      if (wrong.length === 0) return;
      throw new FailedError(`what was written is not there: ${wrong.join("; ")}`, {
        hint: "Somebody else may have written at the same time. Run Migrate Complete again.",
      });
    },
  };
}

async function notServed({ topo, name }: VerifyParts, tables: string[]): Promise<string[]> {
  const cells = await topo.cells();
  const found = await forEachAtOnce(cells, async (cell) => {
    const { keyspaces } = decode("vschema.SrvVSchema", await topo.srvVSchema(cell));
    const served = ownEntry(keyspaces, name.keyspace)?.tables ?? {};
    const missing = tables.filter((table) => ownEntry(served, table) === undefined);
    return missing.length === 0 ? [] : [`the SrvVSchema of cell ${cell} has no entry for ${missing.join(", ")}`];
  });
  return found.flat();
}

async function stillDenied({ topo, name, targets, tables }: VerifyParts): Promise<string[]> {
  const found = await forEachAtOnce(targets, async ({ shard }) => {
    const { tabletControls } = await topo.shard(name.keyspace, shard.name);
    const denied = tabletControls
      .filter((control) => canonicalType(control.tablet_type) === "PRIMARY")
      .flatMap((control) => control.denied_tables.filter((table) => tables.includes(table)));
    return denied.length === 0 ? [] : [`${name.keyspace}/${shard.name} denies ${denied.join(", ")}`];
  });
  return found.flat();
}
