import { requireOtherCluster } from "../other-cluster.js";
import type { Check, Tried } from "./check.js";

function answered(description: string): Tried {
  return { what: "topology", address: description, layer: "RPC", answered: true };
}

export const targetTopology: Check = {
  name: "target_topology",
  needs: [],
  decidedByCreate: true,
  async run(facts) {
    const { description } = await facts.get("topo");
    return { message: description, tried: [answered(description)] };
  },
};

export const sourceTopology: Check = {
  name: "source_topology",
  needs: ["target_topology"],
  decidedByCreate: true,
  async run(facts) {
    const { description } = await facts.get("source");
    return { message: `${facts.source.mount}: ${description}`, tried: [answered(description)] };
  },
};

export const otherCluster: Check = {
  name: "other_cluster",
  needs: ["source_topology"],
  decidedByCreate: true,
  async run(facts) {
    const [topo, source] = await facts.all("topo", "source");
    await requireOtherCluster(topo, source, facts.source.mount, facts.signal);
    return { message: `mount ${facts.source.mount} is another cluster than the target` };
  },
};
