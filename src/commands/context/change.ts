import { dirname } from "node:path";
import { type Address, isOf } from "../../access/address.js";
import type { ContextFile } from "../../access/contexts.js";
import { environmentLevel, merge, seenFrom } from "../../access/level.js";
import { readSecurity } from "../../access/security.js";
import { requireContext } from "../../access/target.js";
import type { Context } from "../../context.js";
import { ConflictError, UsageError } from "../../errors.js";

/** What becomes of the user's file. */
type Change = (file: ContextFile) => void;

/** UsageError for a name that there is not. */
export async function useContext({ access, io }: Context, name: string): Promise<Change> {
  requireContext(await access.contexts(), name);
  for (const variable of access.winningVariables()) io.warn(`${variable} is set, and wins over a context`);
  return (file) => {
    file.current = name;
  };
}

/**
 * What the flags of the connection say goes into the context, which is made when there is none of that name; the first
 * one becomes the current one. UsageError when no flag was given, and for files that can't be read.
 */
export async function setContext({ access }: Context, name: string): Promise<Change> {
  const { server, root } = access.given;
  const { env, cwd } = access.place;
  const { path = "" } = access;
  const typed = seenFrom(cwd, { references: access.given.references });
  const known = (await access.contexts()).contexts.get(name);
  if (known !== undefined) requireSame(name, known, { server, root });
  if (server === "" && root === "" && Object.keys(typed.references).length === 0) {
    throw new UsageError("context set: no flag of the connection is given", {
      hint: 'For example -topo_global_server_address and -topo_global_root; see "vtmigrate help connection".',
    });
  }
  const missing = [
    ...(server || known?.server ? [] : ["-topo_global_server_address"]),
    ...(root || known?.root ? [] : ["-topo_global_root"]),
  ];
  if (missing.length > 0) throw new UsageError(`context ${name} is new, and ${missing.join(" and ")} missing`);
  // What a context leaves open, the environment may say whenever it is used.
  await readSecurity(
    merge([typed, ...(known === undefined ? [] : [seenFrom(dirname(path), known)]), environmentLevel(env, "target")]),
    "target",
    env,
  );
  return (file) => {
    const entry = file.contexts.get(name) ?? { server: "", root: "", references: {}, mounts: new Map() };
    file.contexts.set(name, {
      ...entry,
      server: server || entry.server,
      root: root || entry.root,
      ...merge([typed, entry]),
    });
    if (file.contexts.size === 1) file.current ??= name;
  };
}

/** What a context knows is for its topology: ConflictError for another one. More or fewer of its etcds are the same. */
function requireSame(name: string, known: Address, { server, root }: Address): void {
  const changed = { server: server || known.server, root: root || known.root };
  if (isOf(known, changed) || isOf(changed, known)) return;
  throw new ConflictError(
    `context ${name} is of ${known.server} ${known.root}: its credentials are not for another one`,
    {
      hint: `Take another name, or begin anew after "vtmigrate context delete ${name}".`,
    },
  );
}

/** UsageError for a name that there is not. */
export async function deleteContext({ access }: Context, name: string): Promise<Change> {
  requireContext(await access.contexts(), name);
  return (file) => {
    file.contexts.delete(name);
    if (file.current === name) delete file.current;
  };
}
