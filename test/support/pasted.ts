/** Pastes what Doctor prints into what runs it: a shell, a tablet's MySQL, etcd. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { CleanUp } from "../../src/workflow/doctor/finding.js";
import { bin, connection } from "./cli.js";
import { type Lab, sql } from "./lab.js";
import { RawEtcd } from "./raw-etcd.js";

const run = promisify(execFile);

/** Rejects when the command fails. */
export async function paste(lab: Lab, { by, on = "", command }: CleanUp): Promise<void> {
  if (by === "sql") {
    sql(lab.tablet("target", on), command);
    return;
  }
  // There may be no etcdctl here: what it would be given is taken from the shell that reads the line.
  const functions = `vtmigrate() { "${process.execPath}" "${bin}" "$@"; }; etcdctl() { test "$1" = del && printf %s "$2"; }`;
  const env = { ...process.env, ...connection(lab.sandbox.target.etcd) };
  const { stdout } = await run("sh", ["-c", `${functions}; ${command}`], { env });
  if (by === "etcdctl") await deleteKey(lab.sandbox.target.etcd, stdout);
}

async function deleteKey(server: string, key: string): Promise<void> {
  const etcd = new RawEtcd(server);
  try {
    const { deleted } = await etcd.call("KV", "DeleteRange", { key: Buffer.from(key) });
    if (Number(deleted) !== 1) throw new Error(`etcd has no key ${key}`);
  } finally {
    etcd.close();
  }
}
