import { describeLifecycles } from "./lifecycle.js";

describeLifecycles(["v11", "v14", "v16"]);
