import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // On a real Vitess: npm run test:vitess.
    exclude: ["test/vitess/**"],
    // Nobody's own contexts have a say in a test.
    env: { XDG_CONFIG_HOME: "/nonexistent" },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Suites start servers of their own, and wait for them half of the time: three keep two cores busy.
    maxWorkers: 3,
  },
});
