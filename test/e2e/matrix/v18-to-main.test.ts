import { describeLifecycles } from "./lifecycle.js";

describeLifecycles(["v18", "v22", "main"]);
