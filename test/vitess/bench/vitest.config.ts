import { defineConfig } from "vitest/config";

/** npm run bench:vitess: slow, and alone on the machine if its numbers are to mean anything. */
export default defineConfig({
  test: { include: ["test/vitess/bench/bench.ts"], globalSetup: ["test/vitess/global-setup.ts"], hookTimeout: 300_000 },
});
