import { describe } from "vitest";
import { startSandboxTablets } from "./tablet/sandbox.js";
import { tabletContract } from "./tablet.contract.js";

describe.each(["v11", "v14", "v16"] as const)("the sandbox's tablets of %s", (version) => {
  tabletContract(() => startSandboxTablets(version));
});
