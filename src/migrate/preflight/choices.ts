import { requireAtomicCopy, requireWholeShard } from "../create/atomic-copy.js";
import { checkConvertedColumns, requireTimeZone } from "../create/time-zone.js";
import type { Check } from "./check.js";

/** For what only some options ask. */
export const timeZone: Check = {
  name: "time_zone",
  needs: ["target_primaries", "source_tables"],
  decidedByCreate: true,
  async run(facts) {
    const { sourceTimeZone, force } = facts.request;
    if (sourceTimeZone === "") return { result: "skipped", message: "nothing to do without -source_time_zone" };
    const [targets, { definitions }, capabilities] = await facts.all("targets", "tables", "capabilities");
    const overruled = checkConvertedColumns(definitions, capabilities.values(), { force });
    await requireTimeZone(targets, sourceTimeZone, { signal: facts.signal });
    if (overruled.length > 0) return { result: "warning", message: overruled.join("; ") };
    return { message: `each target primary converts from ${sourceTimeZone}` };
  },
};

export const atomicCopy: Check = {
  name: "atomic_copy",
  needs: ["target_primaries", "vindexes"],
  decidedByCreate: true,
  async run(facts) {
    if (!facts.request.atomicCopy) return { result: "skipped", message: "nothing to do without -atomic-copy" };
    const [streams, targets, { reader }] = await facts.all("streams", "targets", "tables");
    requireWholeShard(streams);
    await requireAtomicCopy([reader, ...targets.map(({ primary }) => primary)], { signal: facts.signal });
    return { message: "one snapshot of one source shard, and tablets that can take it" };
  },
};
