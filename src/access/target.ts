import { UsageError } from "../errors.js";
import { closest } from "../suggest.js";
import type { TopoConfig } from "../topo/port.js";
import type { ContextEntry, ContextFile } from "./contexts.js";
import { absolute, environmentLevel, fromFile, type Level, merge } from "./level.js";
import type { References } from "./settings.js";

/** What the flags of the connection say; empty: not given. */
export interface GivenConnection {
  implementation: string;
  server: string;
  root: string;
  context: string;
  references: References;
}

/** The target cluster: where its topology is, what is known of how its servers are spoken to, and its mounts' entries. */
export interface Target {
  config: TopoConfig;
  level: Level;
  /** The context that it is of. */
  context: string | undefined;
}

export interface Surroundings {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The path of the user's file, and what it says. */
  path: string;
  file: ContextFile;
}

const addressTwin = "VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS";
const rootTwin = "VTMIGRATE_TOPO_GLOBAL_ROOT";
const contextTwin = "VTMIGRATE_CONTEXT";

/** Where the environment says which topology is meant. */
export const addressVariables = [addressTwin, rootTwin, contextTwin];

/**
 * The target cluster: flags win over the environment, and both over a context, which is the one that is named, else the
 * current one. A context's credentials belong to its address: with another address nothing of it is used.
 * UsageError when the topology is given nowhere, or when the context that was named is of another one.
 */
export function resolveTarget(given: GivenConnection, around: Surroundings): Target {
  const { env, cwd, path, file } = around;
  const type = given.implementation || env.VTMIGRATE_TOPO_IMPLEMENTATION || "etcd2";
  if (type !== "etcd2") {
    throw new UsageError(`no such topology implementation ${type}`, {
      hint: "-topo_implementation is etcd2: the only topology server that vtmigrate reads.",
    });
  }
  const address = { server: given.server || env[addressTwin] || "", root: given.root || env[rootTwin] || "" };
  const context = contextInEffect(given, address, around);
  const entry = context === undefined ? undefined : file.contexts.get(context);
  const config = { type, server: address.server || entry?.server || "", root: address.root || entry?.root || "" };
  requireAddress(config);
  const level = merge([
    { references: absolute(given.references, cwd) },
    absoluteLevel(environmentLevel(env, "target"), cwd),
    ...(entry === undefined ? [] : [fromFile(entry, path)]),
  ]);
  return { config, level, context: context ?? contextOf(file, config) };
}

/** The context by its name. UsageError with the names that there are. */
export function requireContext(file: ContextFile, name: string): ContextEntry {
  const entry = file.contexts.get(name);
  if (entry !== undefined) return entry;
  const names = [...file.contexts.keys()];
  const near = closest(name, names);
  const known = names.length === 0 ? "There is none: vtmigrate context set <name>." : `There are ${names.join(", ")}.`;
  throw new UsageError(`there is no context ${name}`, { hint: near === undefined ? known : `Did you mean ${near}?` });
}

interface Address {
  server: string;
  root: string;
}

/** The one whose values are used. */
function contextInEffect(given: GivenConnection, address: Address, { env, file, path }: Surroundings) {
  const named = given.context || env[contextTwin] || "";
  if (named !== "") {
    const entry = requireContext(file, named);
    if (isOf(entry, address)) return named;
    throw new UsageError(
      `context ${named} is of ${entry.server} ${entry.root}, and the connection says ${address.server || entry.server} ${address.root || entry.root}`,
      { hint: `Leave away the flags or unset ${addressTwin} and ${rootTwin}, or name no context.` },
    );
  }
  const { current } = file;
  if (current === undefined) return undefined;
  const entry = file.contexts.get(current);
  if (entry === undefined) {
    throw new UsageError(`the current context ${current} is not in ${path}`, {
      hint: 'Choose one: "vtmigrate context use <name>".',
    });
  }
  return isOf(entry, address) ? current : undefined;
}

/** A context that was made for this very topology. */
function contextOf(file: ContextFile, address: Address): string | undefined {
  return [...file.contexts].find(([, entry]) => isOf(entry, address))?.[0];
}

/** Whether an address is a context's: some of its etcds, and its root, where one is given. */
function isOf(entry: ContextEntry, { server, root }: Address): boolean {
  const known = endpoints(entry.server);
  return (
    endpoints(server).every((endpoint) => known.includes(endpoint)) &&
    (root === "" || withoutSlashes(root) === withoutSlashes(entry.root))
  );
}

function endpoints(server: string): string[] {
  return server
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function withoutSlashes(root: string): string {
  return root.split("/").filter(Boolean).join("/");
}

function absoluteLevel(level: Level, folder: string): Level {
  return { ...level, references: absolute(level.references, folder) };
}

function requireAddress({ server, root }: TopoConfig): void {
  const missing = [
    ...(server === "" ? ["-topo_global_server_address"] : []),
    ...(root === "" ? ["-topo_global_root"] : []),
  ];
  if (missing.length === 0) return;
  throw new UsageError(`the target cluster's topology is not given: ${missing.join(" and ")} missing`, {
    hint: `Give the flags, set ${addressTwin} and ${rootTwin}, or choose a context; see "vtmigrate help connection".`,
  });
}
