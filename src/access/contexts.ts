import { UsageError } from "../errors.js";
import { closest } from "../suggest.js";
import type { Level } from "./level.js";
import { type Owner, type References, settingNames, spelling } from "./settings.js";

/** What was given for one mount, and the topology that it was given for: whoever moves the mount gets no password. */
export interface MountEntry extends Level {
  server: string;
  root: string;
}

/** One target cluster: where its topology is, how its servers are spoken to, and its mounts by their names. */
export interface ContextEntry extends Level {
  server: string;
  root: string;
  mounts: Map<string, MountEntry>;
}

/** The user's file: contexts by their names, and which one is meant when none is named. */
export interface ContextFile {
  current?: string;
  contexts: Map<string, ContextEntry>;
}

/** Names of members beside the settings', which are spelled as the flags are. */
const names = {
  target: { server: "topo_global_server_address", root: "topo_global_root", password: "topo_etcd_password" },
  mount: { server: "topo_server", root: "topo_root", password: "source_topo_password" },
} as const;

/** UsageError with the path of what is wrong: `contexts.prod.mounts.ext1.source_topo_ca`. */
export function parseContexts(text: string, path: string): ContextFile {
  const wrong = (where: string, what: string, hint?: string) =>
    new UsageError(`${path}: ${where === "" ? "" : `${where}: `}${what}`, { hint });
  const object = (value: unknown, where: string): Record<string, unknown> => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
    throw wrong(where, "an object is expected");
  };
  const words = (value: unknown, where: string, known: readonly string[]): Record<string, string> => {
    const found: Record<string, string> = {};
    for (const [key, word] of Object.entries(object(value, where))) {
      if (!known.includes(key)) {
        const near = closest(key, known);
        throw wrong(where, `unknown setting ${key}`, near && `Did you mean ${near}?`);
      }
      if (typeof word !== "string") throw wrong(`${where}.${key}`, "a text is expected");
      if (word !== "") found[key] = word;
    }
    return found;
  };
  const entries = <T>(value: unknown, where: string, read: (value: unknown, where: string) => T): Map<string, T> =>
    new Map(Object.entries(object(value ?? {}, where)).map(([name, each]) => [name, read(each, `${where}.${name}`)]));

  const mount = (value: unknown, where: string): MountEntry => {
    const found = words(value, where, [...spellings("mount"), ...Object.values(names.mount)]);
    const { server, root, password } = names.mount;
    const [address, at] = [found[server], found[root]];
    if (address === undefined || at === undefined) {
      throw wrong(where, `${address === undefined ? server : root} is missing: the topology that the rest is for`);
    }
    return { server: address, root: at, ...level(found, "mount", found[password]) };
  };
  const context = (value: unknown, where: string): ContextEntry => {
    const { mounts, ...rest } = object(value, where);
    const found = words(rest, where, [...spellings("target"), ...Object.values(names.target)]);
    const { server, root, password } = names.target;
    return {
      server: found[server] ?? "",
      root: found[root] ?? "",
      ...level(found, "target", found[password]),
      mounts: entries(mounts, `${where}.mounts`, mount),
    };
  };

  const { current, contexts, ...unknown } = object(parseJson(text, wrong), "");
  const [stranger] = Object.keys(unknown);
  if (stranger !== undefined) throw wrong("", `unknown member ${stranger}`, "Its members are current and contexts.");
  if (current !== undefined && typeof current !== "string") throw wrong("current", "a text is expected");
  return { ...(current && { current }), contexts: entries(contexts, "contexts", context) };
}

/** As `parseContexts` reads it. */
export function formatContexts({ current, contexts }: ContextFile): string {
  const document = {
    ...(current !== undefined && { current }),
    contexts: mapEntries(contexts, (entry) => ({
      ...contextDocument(entry),
      mounts: mapEntries(entry.mounts, mountDocument),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** A context's members as they are written, without its mounts. */
export function contextDocument(entry: ContextEntry): Record<string, string> {
  const { server, root, password } = names.target;
  return {
    ...(entry.server !== "" && { [server]: entry.server }),
    ...(entry.root !== "" && { [root]: entry.root }),
    ...levelDocument(entry, "target", password),
  };
}

export function mountDocument(entry: MountEntry): Record<string, string> {
  const { server, root, password } = names.mount;
  return { [server]: entry.server, [root]: entry.root, ...levelDocument(entry, "mount", password) };
}

export function holdsPassword({ contexts }: ContextFile): boolean {
  return [...contexts.values()]
    .flatMap((entry) => [entry, ...entry.mounts.values()])
    .some(({ password }) => password !== undefined);
}

function level(found: Record<string, string>, owner: Owner, password: string | undefined): Level {
  const references: References = {};
  for (const name of settingNames) {
    const value = found[spelling(name, owner)];
    if (value !== undefined) references[name] = value;
  }
  return { references, ...(password !== undefined && { password }) };
}

function levelDocument({ references, password }: Level, owner: Owner, passwordName: string): Record<string, string> {
  const given = settingNames.flatMap((name) => {
    const value = references[name];
    return value === undefined ? [] : [[spelling(name, owner), value]];
  });
  return { ...Object.fromEntries(given), ...(password !== undefined && { [passwordName]: password }) };
}

function spellings(owner: Owner): string[] {
  return settingNames.map((name) => spelling(name, owner));
}

function mapEntries<T, U>(entries: Map<string, T>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries([...entries].map(([name, value]) => [name, map(value)]));
}

function parseJson(text: string, wrong: (where: string, what: string) => UsageError): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own words quote the text, which may hold a password.
    throw wrong("", "it is not JSON");
  }
}
