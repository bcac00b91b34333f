import type { Security } from "../../access/security.js";
import type { References } from "../../access/settings.js";
import type { Context } from "../../context.js";
import { hideUserInfo } from "../../credentials.js";
import { AuthError, ConflictError, UnreachableError, UsageError } from "../../errors.js";
import { describePlan, type PlannedStep, runPlan, type Step } from "../../plan.js";
import { closest } from "../../suggest.js";
import { mountPath } from "../../topo/mounts.js";
import type { Topo, TopoConfig } from "../../topo/port.js";
import { notesOf, rememberSteps } from "./remember.js";
import type { MountedCluster } from "./show.js";
import { tryTablet } from "./try-tablet.js";

/** Topology servers that Vitess itself has. */
const implementations = ["etcd2", "zk2", "consul"];

export interface RegisteredMount {
  mount: MountedCluster;
  steps: PlannedStep[];
}

/**
 * Records how a source cluster is reached, after a look whether it is: its address in the topology, and how its servers
 * are spoken to (`references`) in the user's contexts. Vitess's own Mount takes anything and fails at Create; here a
 * topology that doesn't answer is an UnreachableError unless `force`. A mount that is there with this very address is
 * given its references anew. UsageError for a name or a configuration that can't work, and for references that can't
 * be read; ConflictError when the name is taken.
 */
export async function registerMount(
  ctx: Context,
  name: string,
  config: TopoConfig,
  options: { references: References; force: boolean; dryRun: boolean },
): Promise<RegisteredMount> {
  const { references, force, dryRun } = options;
  checkName(name);
  checkConfig(config);
  const security = await ctx.access.givenMountSecurity(name, references);
  const topo = await ctx.topo();
  const exists = await isThere(topo, name, config, references);
  const keyspaces = await look(ctx, name, config, security, force);
  const mount = { name, ...config };
  const plan = [...(exists ? [] : [registerStep(topo, mount)]), ...(await rememberSteps(ctx, mount, references))];
  const answer = { mount, steps: describePlan(plan) };
  if (dryRun) return answer;
  await runPlan(ctx, plan);
  for (const line of notesOf(ctx.access.path, name, references)) ctx.io.note(line);
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

/** ConflictError for a name that is taken; the same address again, with references, is not. */
async function isThere(topo: Topo, name: string, config: TopoConfig, references: References): Promise<boolean> {
  if (!(await topo.mounts()).includes(name)) return false;
  const known = await topo.mount(name);
  const same = known.type === config.type && known.server === config.server && known.root === config.root;
  if (same && Object.keys(references).length > 0) return true;
  throw new ConflictError(`there is already a vitess cluster named ${name}`, {
    hint: `See it with "vtmigrate Mount -show ${name}", remove it with "vtmigrate Mount -unmount ${name}".`,
  });
}

function registerStep(topo: Topo, { name, ...config }: MountedCluster): Step {
  let ours = false;
  return {
    describe: `Write the record of ${name}: ${mountPath(name)}`,
    details: [`${config.type} ${config.server} ${config.root}`],
    apply: async () => {
      await topo.createMount(name, config);
      ours = true;
    },
    undo: {
      describe: `Delete the record of ${name}`,
      // One that somebody else was quicker to write stays.
      run: async () => (ours ? topo.deleteMount(name) : undefined),
    },
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
async function look(
  ctx: Context,
  name: string,
  config: TopoConfig,
  security: Security,
  force: boolean,
): Promise<string[] | undefined> {
  if (config.type !== "etcd2") {
    ctx.io.note(`${name} is recorded, but vtmigrate reads etcd2 only: it can't look into a ${config.type} topology.`);
    return undefined;
  }
  try {
    return await describeSource(ctx, name, config, security);
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof AuthError)) throw error;
    if (!force) {
      if (error instanceof AuthError) throw error;
      throw new UnreachableError(error.message, {
        cause: error,
        hint: "Check -topo_server. With -force the cluster is mounted all the same: the tablets may reach what this machine can't.",
      });
    }
    ctx.io.warn(`${error.message}; mounted all the same because of -force`);
    return undefined;
  }
}

async function describeSource(
  ctx: Context,
  name: string,
  config: TopoConfig,
  { etcd, tablets }: Security,
): Promise<string[]> {
  const { openTopo } = await import("../../topo/topo.js");
  const source: Topo = await openTopo(config, { signal: ctx.signal, security: etcd, mount: name });
  try {
    const cells = await source.cells();
    const keyspaces = await source.keyspaces();
    if (cells.length === 0 && keyspaces.length === 0) {
      ctx.io.warn(`there is nothing below ${config.root} at ${config.server}: is -topo_root right?`);
    } else {
      if (Object.keys(tablets).length > 0) await tryTablet(ctx, source, keyspaces);
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
