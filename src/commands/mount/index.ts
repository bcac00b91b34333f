import { securityOptions, typedReferences } from "../../access/options.js";
import { defineCommand, flag, text } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import type { PlannedStep } from "../../plan.js";
import { printSteps } from "../steps.js";
import { listMounts } from "./list.js";
import { type RegisteredMount, registerMount } from "./register.js";
import { type MountedCluster, showMount, viewMount } from "./show.js";
import { unmount } from "./unmount.js";

export type MountResult =
  | { action: "list"; names: string[] }
  | { action: "show"; mount: MountedCluster }
  | { action: "unmount"; name: string; steps: PlannedStep[]; dryRun: boolean }
  | ({ action: "mount"; dryRun: boolean } & RegisteredMount);

/**
 * Mount, with vtctlclient's flags and the order of its checks (Vitess v22.0.3, go/vt/vtctl/vtctl.go,
 * commandMount): -list wins over everything, then the name, then -type, then -unmount, -show, and adding.
 */
export const mount = defineCommand({
  name: "Mount",
  summary: "Add, remove, display or list external clusters of this Vitess cluster.",
  usage:
    "[-type vitess] [-topo_type etcd2] [-topo_server host:port] [-topo_root path] [-source_...] [-force] [-dry_run] <name> | -show <name> | -unmount [-force] [-dry_run] <name> | -list",
  examples: [
    "Mount -type vitess -topo_type etcd2 -topo_server localhost:12379 -topo_root /vitess/global ext1",
    "Mount -topo_type etcd2 -topo_server etcd.ext:2379 -topo_root /vitess/global -source_topo_ca ext-ca.pem -source_topo_username vtmigrate -source_topo_password_file ext.password -source_tablet_ca ext-ca.pem ext1",
    "Mount -show ext1",
    "Mount -list",
    "Mount -unmount ext1",
  ],
  // How many are right depends on the flags: see `run`.
  args: { min: 0, max: Number.POSITIVE_INFINITY, complaint: "cluster name needs to be provided" },
  options: {
    type: text("type of the cluster: only vitess is supported", "vitess"),
    topoType: text("type of the cluster's topology server", ""),
    topoServer: text("address of the cluster's topology server", ""),
    topoRoot: text("root of the cluster's global topology", ""),
    ...securityOptions("mount"),
    unmount: flag("forget a cluster"),
    show: flag("show how a cluster is reached"),
    list: flag("list the names of all clusters"),
    dryRun: flag("check, show what would be written, and change nothing"),
    force: flag(
      "add the cluster even when its topology server doesn't answer from here; forget one that workflows still read from",
    ),
  },
  async run({ args, options }, ctx: Context): Promise<MountResult> {
    if (options.list) return { action: "list", names: await listMounts(ctx) };
    const [name] = args;
    if (name === undefined || args.length !== 1) {
      throw new UsageError("cluster name needs to be provided", { hint: "Usage: vtmigrate Mount [flags] <name>" });
    }
    checkClusterType(options.type);
    const { force, dryRun } = options;
    if (options.unmount) return { action: "unmount", dryRun, ...(await unmount(ctx, name, { force, dryRun })) };
    if (options.show) return { action: "show", mount: await showMount(ctx, name) };
    const config = { type: options.topoType, server: options.topoServer, root: options.topoRoot };
    const references = typedReferences(options);
    return { action: "mount", dryRun, ...(await registerMount(ctx, name, config, { references, force, dryRun })) };
  },
  view(result: MountResult, io: Io): void {
    if (result.action === "list") io.print(result.names.join(","));
    if (result.action === "show") viewMount(result.mount, io);
    if ("steps" in result && result.dryRun) printSteps(io, result.steps);
  },
});

function checkClusterType(type: string): void {
  if (type === "mysql") throw new UsageError("mysql cluster type not yet supported", { hint: "Write -type vitess." });
  if (type === "vitess") return;
  throw new UsageError("cluster type can be only one of vitess or mysql", { hint: "Write -type vitess." });
}
