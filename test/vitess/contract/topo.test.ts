import { topoContract } from "../../contract/topo.contract.js";
import { describeVitess } from "../lab.js";

/** Beside Vitess's own keys, below roots that no cluster uses. */
describeVitess("topology on the etcd of a real Vitess", (lab) => {
  topoContract(async () => ({ endpoint: lab.target.etcd, close: () => undefined }));
});
