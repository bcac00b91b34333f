import { describe } from "vitest";
import { Lab } from "../../support/lab.js";
import { secureClusters } from "../../support/secure-clusters.js";
import { secureLifecycle } from "./lifecycle.js";

describe("clusters that trust nobody", () => {
  secureLifecycle(async () => {
    const secure = await secureClusters();
    const lab = await Lab.start({ secure, rows: 40 });
    return {
      lab,
      secure,
      async close() {
        await lab.close();
        await secure.remove();
      },
    };
  });
});
