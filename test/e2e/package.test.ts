import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe } from "vitest";
import { describeLifecycle } from "./lifecycle.js";

const run = promisify(execFile);
const project = join(import.meta.dirname, "../..");

describe("the lifecycle with an installed package", () => {
  let prefix: string | undefined;

  describeLifecycle(async () => {
    prefix = await mkdtemp(join(tmpdir(), "vtmigrate-prefix-"));
    await run("npm", ["pack", "--pack-destination", prefix], { cwd: project });
    const archive = (await readdir(prefix)).find((name) => name.endsWith(".tgz")) ?? "";
    await run("npm", ["install", "--global", "--prefix", prefix, "--no-audit", "--no-fund", join(prefix, archive)], {
      timeout: 150_000,
    });
    return join(prefix, "lib/node_modules/vtmigrate/bin/vtmigrate.js");
  });

  afterAll(async () => {
    if (prefix !== undefined) await rm(prefix, { recursive: true, force: true });
  });
});
