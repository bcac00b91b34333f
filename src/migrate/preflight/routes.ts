import { requireStorable } from "../create/stored-size.js";
import type { Check } from "./check.js";
import { count } from "./texts.js";

/** That there is a way for each row: vindexes that both sides can use, and shards without gaps. */
export const vindexes: Check = {
  name: "vindexes",
  needs: ["target_keyspace", "source_tables"],
  decidedByCreate: true,
  async run(facts) {
    const [streams, vschema] = await facts.all("streams", "vschema");
    const by = vschema.sharded ? "filters by vindexes that the source can evaluate" : "the target is unsharded";
    return { message: `${count(streams.length, "stream")}; ${by}` };
  },
};

/** That the target's `_vt.vreplication` can keep the streams. */
export const columns: Check = {
  name: "columns",
  needs: ["target_primaries", "vindexes"],
  decidedByCreate: true,
  async run(facts) {
    const [streams, capabilities] = await facts.all("streams", "capabilities");
    requireStorable(streams, capabilities);
    const sizes = [...capabilities.values()].map(({ columns: known }) => known.size);
    return { message: `_vt.vreplication has ${[...new Set(sizes)].join(" or ")} columns and keeps each stream` };
  },
};
