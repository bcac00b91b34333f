import { dirname } from "node:path";
import { UsageError } from "../errors.js";
import { closest } from "../suggest.js";
import type { TopoConfig } from "../topo/port.js";
import { type Address, isOf } from "./address.js";
import type { ContextEntry, ContextFile } from "./contexts.js";
import { environmentLevel, type Level, merge, seenFrom } from "./level.js";
import type { References } from "./settings.js";

/** What the flags of the connection say; empty: not given. */
export interface GivenConnection {
  implementation: string;
  server: string;
  root: string;
  context: string;
  references: References;
}

/** The target cluster: where its topology is, what is known of how its servers are spoken to. */
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
  path: string | undefined;
  file: ContextFile;
}

const addressTwin = "VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS";
const rootTwin = "VTMIGRATE_TOPO_GLOBAL_ROOT";
const contextTwin = "VTMIGRATE_CONTEXT";

/** Where the environment says which topology is meant. */
export const addressVariables = [addressTwin, rootTwin, contextTwin];

/** Which topology is meant, as one place says: an address, a context, or both. */
interface Wanted extends Address {
  context: string;
}

/**
 * The target cluster: flags win over the environment, and both over a context: the one that is named, else the current
 * one, else one that was made for this address. Credentials belong to the address beside them: a context's and the
 * environment's are not used for another one. UsageError when the topology is given nowhere, and when a context and an
 * address that are given in one place contradict each other.
 */
export function resolveTarget(given: GivenConnection, around: Surroundings): Target {
  const { env, cwd, path = "", file } = around;
  const type = given.implementation || env.VTMIGRATE_TOPO_IMPLEMENTATION || "etcd2";
  if (type !== "etcd2") {
    throw new UsageError(`no such topology implementation ${type}`, {
      hint: "-topo_implementation is etcd2: the only topology server that vtmigrate reads.",
    });
  }
  const typed: Wanted = { server: given.server, root: given.root, context: given.context };
  const inEnvironment = { server: env[addressTwin] ?? "", root: env[rootTwin] ?? "", context: env[contextTwin] ?? "" };
  const wanted = nearest(typed, inEnvironment, file);
  const context = wanted.context === "" ? fitting(file, wanted, path) : wanted.context;
  const entry = context === undefined ? undefined : requireContext(file, context);
  const config = { type, server: wanted.server || entry?.server || "", root: wanted.root || entry?.root || "" };
  requireAddress(config);
  const ofEnvironment = { server: inEnvironment.server || config.server, root: inEnvironment.root || config.root };
  const level = merge([
    seenFrom(cwd, { references: given.references }),
    ...(isOf(ofEnvironment, config) ? [seenFrom(cwd, environmentLevel(env, "target"))] : []),
    ...(entry === undefined ? [] : [seenFrom(dirname(path), entry)]),
  ]);
  return { config, level, context };
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

/** Flags first: what they say of a context or an address makes what the environment says of the other void. */
function nearest(typed: Wanted, inEnvironment: Wanted, file: ContextFile): Wanted {
  if (typed.context !== "") return agreeing(typed, file, "the flags say");
  const server = typed.server || inEnvironment.server;
  const root = typed.root || inEnvironment.root;
  const { context } = inEnvironment;
  if (context === "") return { server, root, context };
  if (typed.server === "" && typed.root === "") return agreeing(inEnvironment, file, "the environment says");
  const isMeant = isOf(requireContext(file, context), { server, root });
  return { server, root, context: isMeant ? context : "" };
}

function agreeing(wanted: Wanted, file: ContextFile, who: string): Wanted {
  const entry = requireContext(file, wanted.context);
  if (isOf(entry, wanted)) return wanted;
  throw new UsageError(
    `context ${wanted.context} is of ${entry.server} ${entry.root}, and ${who} ${wanted.server || entry.server} ${wanted.root || entry.root}`,
    { hint: "Name either a context or an address." },
  );
}

/** The current one, or one that was made for this very address; undefined for an address that has none. */
function fitting({ current, contexts }: ContextFile, address: Address, path: string): string | undefined {
  const entry = current === undefined ? undefined : contexts.get(current);
  const isWhole = address.server !== "" && address.root !== "";
  if (current !== undefined && entry === undefined && !isWhole) {
    throw new UsageError(`the current context ${current} is not in ${path}`, {
      hint: 'Choose one: "vtmigrate context use <name>".',
    });
  }
  if (entry !== undefined && isOf(entry, address)) return current;
  if (!isWhole) return undefined;
  return [...contexts].find(([, each]) => isOf(each, address))?.[0];
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
