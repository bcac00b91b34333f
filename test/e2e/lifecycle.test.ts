import { describe } from "vitest";
import { bin } from "../support/cli.js";
import { describeLifecycle } from "./lifecycle.js";

describe("the lifecycle, typed as documented", () => {
  describeLifecycle(async () => bin);
});
