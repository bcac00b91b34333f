import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { connection, runCli } from "../support/cli.js";

it("a rejection that nobody awaits ends the command with one sentence", async () => {
  const silent = createServer(() => {}).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const stray = "setTimeout(() => Promise.reject(new Error('stray')), 1000)";
  try {
    const env = {
      ...connection(`127.0.0.1:${port}`),
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(stray)}`,
    };
    const { code, stdout, stderr } = await runCli(["Mount", "-list"], { env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^Mount Error: stray\nHint: .*-log_file.*\n$/);
  } finally {
    silent.close();
  }
});
