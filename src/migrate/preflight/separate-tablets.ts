import { PreflightError } from "../../errors.js";
import { targetName } from "../../workflow/targets.js";
import { alsoSources, tabletsOfKeyspace } from "../source-tablets.js";
import type { Check } from "./check.js";
import { count } from "./texts.js";

/** That no target primary is one of the source's tablets: its tables would be the source's own. */
export const separateTablets: Check = {
  name: "separate_tablets",
  needs: ["source_keyspace", "target_primaries"],
  async run(facts) {
    const [source, targets] = await facts.all("source", "targets");
    const tablets = await tabletsOfKeyspace(source, facts.source.keyspace);
    const shared = alsoSources(targets, tablets);
    if (shared.length === 0) return { message: `none of the source's ${count(tablets.length, "tablet")} is a target` };
    const names = shared.map((target) => `${targetName(target)} at ${target.primary.record.grpcAddress}`);
    throw new PreflightError(`source and target are the same tablet: ${names.join(", ")}`, {
      hint: "Two topologies speak of the same servers. Mount the cluster that the rows are really in, or correct the tablets' records.",
    });
  },
};
