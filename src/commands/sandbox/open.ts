import { ConflictError, UsageError } from "../../errors.js";
import type { Sandbox, SandboxOptions } from "../../sandbox/cluster.js";
import type { ProfileName } from "../../sandbox/tablet/profiles.js";
import { readKeyspace, readShards } from "./shards.js";

export interface OpenOptions {
  sourceEtcdPort: number;
  targetEtcdPort: number;
  sourceVtgatePort: number;
  targetVtgatePort: number;
  freePorts: boolean;
  /** Of both clusters, unless one has its own. */
  vitessVersion: string;
  /** "" takes vitessVersion. */
  sourceVersion: string;
  targetVersion: string;
  /** Empty for an unsharded keyspace. */
  sourceShards: string[];
  targetShards: string[];
  sourceKeyspace: string;
  targetKeyspace: string;
  rows: number;
  lag: number;
}

/** What is to be started. UsageError for versions, shards and names that can't be. */
export async function readSandboxOptions(options: OpenOptions): Promise<SandboxOptions> {
  const sourceShards = readShards("-source_shards", options.sourceShards);
  const targetShards = readShards("-target_shards", options.targetShards);
  const sourceKeyspace = readKeyspace("-source_keyspace", options.sourceKeyspace);
  const targetKeyspace = readKeyspace("-target_keyspace", options.targetKeyspace);
  const [{ profiles }, { isSharded, sourceCluster, targetCluster }] = await Promise.all([
    import("../../sandbox/tablet/profiles.js"),
    import("../../sandbox/cluster/shape.js"),
  ]);
  const profile = (flag: string, wanted: string): ProfileName => {
    const names = Object.keys(profiles) as ProfileName[];
    const found = names.find((name) => name === wanted.toLowerCase());
    if (found !== undefined) return found;
    throw new UsageError(`no Vitess version ${wanted} in the sandbox`, {
      hint: `${flag} is one of ${names.join(", ")}.`,
    });
  };
  const both = profile("-vitess_version", options.vitessVersion);
  const { sourceVersion, targetVersion, rows, lag: lagMs } = options;
  // A sharded target starts as an operator makes one: its vindexes are for the lifecycle to apply.
  const vschema = isSharded(targetShards) ? { sharded: true } : {};
  const ports: SandboxOptions["ports"] = {
    sourceEtcd: options.sourceEtcdPort,
    targetEtcd: options.targetEtcdPort,
    sourceVtgate: options.sourceVtgatePort,
    targetVtgate: options.targetVtgatePort,
  };
  return {
    sourceProfile: sourceVersion === "" ? both : profile("-source_version", sourceVersion),
    targetProfile: targetVersion === "" ? both : profile("-target_version", targetVersion),
    source: sourceCluster({ name: sourceKeyspace, shards: sourceShards }),
    target: targetCluster({ name: targetKeyspace, shards: targetShards, replicas: 1, vschema }),
    rows,
    lagMs,
    ...(options.freePorts ? {} : { ports }),
  };
}

/** Starts a sandbox. ConflictError for a port that is taken. */
export async function openSandbox(options: SandboxOptions): Promise<Sandbox> {
  const [{ startSandbox }, { PortTakenError }] = await Promise.all([
    import("../../sandbox/cluster.js"),
    import("../../sandbox/cluster/ports.js"),
  ]);
  return startSandbox(options).catch((error: unknown) => {
    if (!(error instanceof PortTakenError)) throw error;
    throw new ConflictError(error.message, { hint: "Choose other ports, or -free_ports.", cause: error });
  });
}

/** How a user reaches the target cluster. */
export function environment(sandbox: Sandbox): Record<string, string> {
  return {
    VTMIGRATE_TOPO_IMPLEMENTATION: "etcd2",
    VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS: sandbox.target.etcd.replace("127.0.0.1", "localhost"),
    VTMIGRATE_TOPO_GLOBAL_ROOT: sandbox.target.topoRoot,
  };
}

/** The words of the Mount of the source cluster, as "ext1". */
export function mountWords(sandbox: Sandbox): string[] {
  const server = sandbox.source.etcd.replace("127.0.0.1", "localhost");
  const cluster = ["-topo_type", "etcd2", "-topo_server", server, "-topo_root", sandbox.source.topoRoot];
  return ["Mount", "-type", "vitess", ...cluster, "ext1"];
}
