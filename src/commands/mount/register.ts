import type { Context } from "../../context.js";
import { hideUserInfo } from "../../credentials.js";
import { ConflictError, UnreachableError, UsageError } from "../../errors.js";
import { describePlan, type PlannedStep, runPlan, type Step } from "../../plan.js";
import { closest } from "../../suggest.js";
import { mountPath } from "../../topo/mounts.js";
import type { Topo, TopoConfig } from "../../topo/port.js";
import type { MountedCluster } from "./show.js";

/** Topology servers that Vitess itself has. */
const implementations = ["etcd2", "zk2", "consul"];

/**
 * Records how a source cluster is reached, after a look whether it is. Vitess's own Mount takes anything
 * and fails at Create; here a topology that doesn't answer is an UnreachableError unless `force`.
 * UsageError for a name or a configuration that can't work, ConflictError when the name is taken.
 */
export async function registerMount(
  ctx: Context,
  name: string,
  config: TopoConfig,
  options: { force: boolean; dryRun: boolean },
): Promise<{ mount: MountedCluster; steps: PlannedStep[] }> {
  checkName(name);
  checkConfig(config);
  const topo = await ctx.topo();
  if ((await topo.mounts()).includes(name)) {
    throw new ConflictError(`there is already a vitess cluster named ${name}`, {
      hint: `See it with "vtmigrate Mount -show ${name}", remove it with "vtmigrate Mount -unmount ${name}".`,
    });
  }
  const keyspaces = await look(ctx, name, config, options.force);
  const mount = { name, ...config };
  const plan = [registerStep(topo, mount)];
  const answer = { mount, steps: describePlan(plan) };
  if (options.dryRun) return answer;
  await runPlan(ctx, plan);
  if (keyspaces !== undefined && (await topo.mountsItself(name, ctx.signal))) {
    ctx.io.warn(
      `${name} points to this cluster itself: Migrate copies from another one. Undo it with "vtmigrate Mount -unmount ${name}".`,
    );
    return answer;
  }
  const source = keyspaces?.[0];
  if (source !== undefined) {
    ctx.io.note(`Mounted. Next: vtmigrate Migrate -all -source ${name}.${source} Create ${source}.<workflow>`);
  }
  return answer;
}

function registerStep(topo: Topo, { name, ...config }: MountedCluster): Step {
  return {
    describe: `Write the record of ${name}: ${mountPath(name)}`,
    details: [`${config.type} ${config.server} ${config.root}`],
    apply: () => topo.createMount(name, config),
  };
}

/** The name stands before the dot of `-source <name>.<keyspace>`, and is a file's name in the topology. */
function checkName(name: string): void {
  if (/^[^./\s]+$/.test(name)) return;
  throw new UsageError(`invalid cluster name "${name}"`, { hint: "A name has no dots, slashes or blanks: ext1." });
}

function checkConfig({ type, server, root }: TopoConfig): void {
  const missing = [
    ...(type === "" ? ["-topo_type"] : []),
    ...(server === "" ? ["-topo_server"] : []),
    ...(root === "" ? ["-topo_root"] : []),
  ];
  if (missing.length > 0) {
    throw new UsageError(`the cluster's topology is not given: ${missing.join(", ")} missing`, {
      hint: "Example: -topo_type etcd2 -topo_server localhost:12379 -topo_root /vitess/global",
    });
  }
  if (server.includes("@")) {
    throw new UsageError(`"${hideUserInfo(server)}" is not the address of a topology server`, {
      hint: "Whoever reads the topology would read a password in it.",
    });
  }
  if (implementations.includes(type)) return;
  const near = type.startsWith("zoo") ? "zk2" : closest(type, implementations);
  throw new UsageError(`no such topology implementation ${type}`, {
    hint: near === undefined ? `-topo_type is one of ${implementations.join(", ")}.` : `Did you mean ${near}?`,
  });
}

/** The source's keyspaces, after telling what is there; undefined when it wasn't or couldn't be read. */
async function look(ctx: Context, name: string, config: TopoConfig, force: boolean): Promise<string[] | undefined> {
  if (config.type !== "etcd2") {
    ctx.io.note(`${name} is recorded, but vtmigrate reads etcd2 only: it can't look into a ${config.type} topology.`);
    return undefined;
  }
  try {
    return await describeSource(ctx, name, config);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    if (!force) {
      throw new UnreachableError(error.message, {
        cause: error,
        hint: "Check -topo_server. With -force the cluster is mounted all the same: the tablets may reach what this machine can't.",
      });
    }
    ctx.io.warn(`${error.message}; mounted all the same because of -force`);
    return undefined;
  }
}

async function describeSource(ctx: Context, name: string, config: TopoConfig): Promise<string[]> {
  const { openTopo } = await import("../../topo/topo.js");
  const source: Topo = await openTopo(config, { signal: ctx.signal });
  try {
    const cells = await source.cells();
    const keyspaces = await source.keyspaces();
    if (cells.length === 0 && keyspaces.length === 0) {
      ctx.io.warn(`there is nothing below ${config.root} at ${config.server}: is -topo_root right?`);
    } else {
      ctx.io.note(`${name} answers. Cells: ${names(cells)}. Keyspaces: ${names(keyspaces)}.`);
    }
    return keyspaces;
  } finally {
    source.close();
  }
}

function names(list: string[]): string {
  return list.length === 0 ? "none" : list.join(", ");
}
