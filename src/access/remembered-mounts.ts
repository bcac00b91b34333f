import { isOf } from "./address.js";
import type { ContextEntry, ContextFile, MountEntry } from "./contexts.js";
import type { Target } from "./target.js";

/** In the target's context; a topology that has none gets one, named after its address. */
export function rememberMount(file: ContextFile, target: Target, mount: string, entry: MountEntry): void {
  const { server, root } = target.config;
  const name = target.context ?? newName(file, target);
  const context: ContextEntry = file.contexts.get(name) ?? { server, root, references: {}, mounts: new Map() };
  file.contexts.set(name, context);
  context.mounts.set(mount, entry);
}

/** A context that was made for its mounts goes with the last of them. */
export function forgetMount(file: ContextFile, target: Target, mount: string): void {
  const { context = "" } = target;
  const entry = file.contexts.get(context);
  if (entry === undefined) return;
  entry.mounts.delete(mount);
  const isEmpty = entry.mounts.size + Object.keys(entry.references).length === 0 && entry.password === undefined;
  if (isEmpty && context === ownName(target) && file.current !== context) file.contexts.delete(context);
}

/** "localhost:2379/vitess/global" */
function ownName({ config: { server, root } }: Target): string {
  return `${server}/${root.replace(/^\/+/, "")}`;
}

/** A name that stands for another topology already is left to it. */
function newName(file: ContextFile, target: Target): string {
  const own = ownName(target);
  for (let count = 1; ; count++) {
    const name = count === 1 ? own : `${own} (${count})`;
    const known = file.contexts.get(name);
    if (known === undefined || isOf(known, target.config)) return name;
  }
}
