import type { CommandEntry } from "../cli/program.js";
import type { Context } from "../context.js";

/**
 * Every command: what help shows, and where the rest is. A command's code is loaded when it is run, so
 * that one command's libraries don't slow down another.
 */
export const commands: readonly CommandEntry<Context>[] = [
  {
    name: "Mount",
    summary: "Add, remove, display or list external clusters of this Vitess cluster.",
    load: async () => (await import("./mount/index.js")).mount,
  },
  {
    name: "ApplyVSchema",
    summary: "Apply a VSchema to a keyspace and show it.",
    load: async () => (await import("./apply-vschema.js")).applyVSchema,
  },
  {
    name: "GetVSchema",
    summary: "Display the VSchema of a keyspace, here or in a mounted cluster.",
    load: async () => (await import("./get-vschema.js")).getVSchema,
  },
  {
    name: "sandbox",
    summary: "Run two small Vitess clusters here: up keeps them running, demo tells the whole story.",
    load: async () => (await import("./sandbox/index.js")).sandbox,
  },
];
