import { defineConfig } from "vitest/config";

/** The suites on a real Vitess: one after the other on the same two clusters. */
export default defineConfig({
  test: {
    include: ["test/vitess/**/*.test.ts"],
    globalSetup: ["test/vitess/global-setup.ts"],
    // Nobody's own contexts have a say in a test.
    env: { XDG_CONFIG_HOME: "/nonexistent" },
    fileParallelism: false,
    // Minutes long: each test is told as it ends.
    reporters: ["verbose"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
