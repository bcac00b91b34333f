import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findInstall } from "../../vitess/harness/install.js";

const root = join(import.meta.dirname, "../../..");
const vitess = ["vtctld", "vttablet", "vtgate", "vtctldclient", "vtctlclient", "mysqlctl"];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vtmigrate-install-"));
  for (const sub of ["bin", "servers"]) mkdirSync(join(folder, sub));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(path: string, says: string): void {
  writeFileSync(join(folder, path), `#!/bin/sh\necho '${says}'\n`);
  chmodSync(join(folder, path), 0o755);
}

function complete(): NodeJS.ProcessEnv {
  for (const name of vitess) program(join("bin", name), "vttablet version Version: 18.0.8 (Git revision 1)");
  program("servers/mysqld", "mysqld  Ver 10.11.19-MariaDB for debian-linux-gnu on x86_64");
  program("servers/etcd", "etcd Version: 3.4.23");
  return { VITESS_BIN: join(folder, "bin"), PATH: join(folder, "servers") };
}

it("finds Vitess's programs in VITESS_BIN, the others on the PATH, and reads their versions", () => {
  expect(findInstall(complete())).toMatchObject({
    install: {
      programs: { vttablet: join(folder, "bin/vttablet"), vtctlclient: join(folder, "bin/vtctlclient") },
      etcd: join(folder, "servers/etcd"),
      mysqld: join(folder, "servers/mysqld"),
      versions: { vitess: "18.0.8", etcd: "3.4.23" },
      mariadb: true,
    },
  });
});

it("does without vtctlclient, which later releases lack", () => {
  const env = complete();
  rmSync(join(folder, "bin/vtctlclient"));
  const found = findInstall(env);
  expect("install" in found && found.install.programs.vtctlclient).toBeUndefined();
});

it("names everything that is missing, and where it comes from", () => {
  const env = complete();
  for (const path of ["bin/vtgate", "bin/mysqlctl"]) rmSync(join(folder, path));
  const found = findInstall(env);
  if (!("missing" in found)) throw new Error("all was found");
  expect(found.missing).toEqual([
    `vtgate in VITESS_BIN (${join(folder, "bin")})`,
    `mysqlctl in VITESS_BIN (${join(folder, "bin")})`,
  ]);
  expect(found.advice).toMatch(/A Vitess release .* packages/);
});

/** The suites' own command with nothing on the PATH but node and npx. */
function runSuites(env: Record<string, string>) {
  return spawnSync(
    process.execPath,
    [join(root, "node_modules/vitest/vitest.mjs"), "run", "--config", "test/vitess/vitest.config.ts"],
    { cwd: root, env: { PATH: "/nowhere", NO_COLOR: "1", ...env }, encoding: "utf8", timeout: 60_000 },
  );
}

it("the suites are counted as skipped where there is no Vitess", () => {
  const { status, stdout, stderr } = runSuites({});
  expect(stderr).toContain("no Vitess to test on; missing: vtctld on the PATH, vttablet on the PATH");
  expect(stdout).toMatch(/Tests {2}\d+ skipped \(\d+\)/);
  expect(status).toBe(0);
}, 60_000);

it("a VITESS_BIN without programs is a failure, not a reason to skip", () => {
  const { status, stderr } = runSuites({ VITESS_BIN: folder });
  expect(stderr).toContain(`missing: vtctld in VITESS_BIN (${folder})`);
  expect(status).toBe(1);
}, 60_000);
