import { ConflictError, UsageError } from "../../errors.js";
import type { Sandbox, SandboxOptions } from "../../sandbox/cluster.js";

export interface OpenOptions {
  sourceEtcdPort: number;
  targetEtcdPort: number;
  sourceVtgatePort: number;
  targetVtgatePort: number;
  freePorts: boolean;
  vitessVersion: string;
  rows: number;
  lag: number;
}

/** Starts a sandbox. UsageError for an unknown version, ConflictError for a port that is taken. */
export async function openSandbox(options: OpenOptions): Promise<Sandbox> {
  const [{ startSandbox }, { PortTakenError }, { profiles }] = await Promise.all([
    import("../../sandbox/cluster.js"),
    import("../../sandbox/cluster/ports.js"),
    import("../../sandbox/tablet/profiles.js"),
  ]);
  const versions = Object.keys(profiles) as (keyof typeof profiles)[];
  const version = versions.find((name) => name === options.vitessVersion.toLowerCase());
  if (version === undefined) {
    throw new UsageError(`no Vitess version ${options.vitessVersion} in the sandbox`, {
      hint: `-vitess_version is one of ${versions.join(", ")}.`,
    });
  }
  const fixed: SandboxOptions["ports"] = {
    sourceEtcd: options.sourceEtcdPort,
    targetEtcd: options.targetEtcdPort,
    sourceVtgate: options.sourceVtgatePort,
    targetVtgate: options.targetVtgatePort,
  };
  const { rows, lag: lagMs } = options;
  const common = { sourceProfile: version, targetProfile: version, rows, lagMs };
  return startSandbox(options.freePorts ? common : { ...common, ports: fixed }).catch((error: unknown) => {
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
