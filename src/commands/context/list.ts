import type { ContextFile } from "../../access/contexts.js";
import type { Io } from "../../io/io.js";
import { formatTable } from "../../io/table.js";

export interface ContextLine {
  name: string;
  current: boolean;
  server: string;
  root: string;
  mounts: string[];
}

export function listContexts({ current, contexts }: ContextFile): ContextLine[] {
  return [...contexts].map(([name, { server, root, mounts }]) => ({
    name,
    current: name === current,
    server,
    root,
    mounts: [...mounts.keys()],
  }));
}

export function viewContexts(lines: readonly ContextLine[], file: string, io: Io): void {
  if (lines.length === 0) {
    io.note(`There is no context in ${file}. "vtmigrate [connection flags] context set <name>" makes one.`);
    return;
  }
  const rows = lines.map(({ name, current, server, root, mounts }) => [
    current ? "*" : "",
    name,
    server,
    root,
    mounts.join(", "),
  ]);
  io.write(formatTable(["Current", "Name", "Topology", "Root", "Mounts known"], rows));
}
