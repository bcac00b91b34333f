import { describe } from "vitest";
import { startSandboxTablets } from "./tablet/sandbox.js";
import { tabletContract } from "./tablet.contract.js";

describe.each(["v18", "v22", "main"] as const)("the sandbox's tablets of %s", (version) => {
  tabletContract(() => startSandboxTablets(version));
});
