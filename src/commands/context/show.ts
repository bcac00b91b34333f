import { type ContextEntry, type ContextFile, contextDocument, mountDocument } from "../../access/contexts.js";
import { requireContext } from "../../access/target.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";

/** As it stands in the file, but for passwords, which are hidden. */
export interface ShownContext {
  file: string;
  name: string;
  current: boolean;
  settings: Record<string, string>;
  mounts: Record<string, Record<string, string>>;
}

const HIDDEN = "(hidden)";

/** The current context where none is named. UsageError when there is none, or none of that name. */
export function showContext(contexts: ContextFile, file: string, name = contexts.current): ShownContext {
  if (name === undefined) {
    throw new UsageError("no context is the current one", {
      hint: 'Name one, or choose one: "vtmigrate context use <name>".',
    });
  }
  const entry = withoutPasswords(requireContext(contexts, name));
  return {
    file,
    name,
    current: name === contexts.current,
    settings: contextDocument(entry),
    mounts: Object.fromEntries([...entry.mounts].map(([mount, each]) => [mount, mountDocument(each)])),
  };
}

export function viewContext({ name, current, settings, mounts, file }: ShownContext, io: Io): void {
  io.print(`Context ${name}${current ? " (current)" : ""}, in ${file}`);
  for (const line of lines(settings)) io.print(line);
  for (const [mount, each] of Object.entries(mounts)) {
    io.print(`Mount ${mount}`);
    for (const line of lines(each)) io.print(line);
  }
}

function lines(settings: Record<string, string>): string[] {
  const names = Object.keys(settings);
  const width = Math.max(0, ...names.map((name) => name.length));
  return Object.entries(settings).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function withoutPasswords(entry: ContextEntry): ContextEntry {
  const hide = <T extends { password?: string | undefined }>(level: T): T =>
    level.password === undefined ? level : { ...level, password: HIDDEN };
  return { ...hide(entry), mounts: new Map([...entry.mounts].map(([name, mount]) => [name, hide(mount)])) };
}
