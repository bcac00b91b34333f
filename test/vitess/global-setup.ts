import { tmpdir } from "node:os";
import type { TestProject } from "vitest/node";
import { findInstall } from "./harness/install.js";
import { type Installation, startInstallation } from "./harness/installation.js";
import { removeInstallation, removeOrphans } from "./harness/remove.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The clusters to test on, or why there are none. */
    vitess: { installation: Installation } | { missing: string };
  }
}

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Starts the two clusters that all suites share, and removes them whatever happens, an interrupt included. */
export default async function setup(project: TestProject): Promise<() => void> {
  const found = findInstall();
  if ("missing" in found) {
    const missing = `no Vitess to test on; missing: ${found.missing.join(", ")}`;
    say(`${missing}\n${found.advice}`);
    // Who names a folder wants the suites to run in any case.
    if (process.env.VITESS_BIN) process.exit(1);
    say("Everything is skipped.");
    project.provide("vitess", { missing });
    return () => {};
  }
  const { install } = found;
  const { vitess, mysql, etcd } = install.versions;
  say(`Vitess ${vitess}, ${mysql}, etcd ${etcd}${install.programs.vtctlclient ? "" : "; without vtctlclient"}`);
  for (const orphan of removeOrphans(tmpdir())) say(`removed ${orphan}, which a killed run had left behind`);
  let folder: string | undefined;
  const remove = () => {
    if (folder !== undefined) removeInstallation(folder);
    folder = undefined;
  };
  process.once("exit", remove);
  const interrupted = (signal: NodeJS.Signals) => {
    say(`${signal}: ending the servers`);
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, interrupted);
  const began = Date.now();
  const installation = await startInstallation(install, {
    onFolder: (path) => {
      folder = path;
    },
    onProgress: (name) => say(`  ${name} is up`),
  }).catch((error: Error) => {
    // A server's own words are the answer; a stack of ours would hide them.
    say(`the clusters didn't start: ${error.message}`);
    return process.exit(1);
  });
  say(`both clusters are up after ${Math.round((Date.now() - began) / 1000)} s`);
  project.provide("vitess", { installation });
  return remove;
}
