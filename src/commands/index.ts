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
    name: "Migrate",
    summary: "Copy tables from a mounted cluster into a keyspace of this one, and follow their changes.",
    load: async () => (await import("./migrate/index.js")).migrate,
  },
  {
    name: "Workflow",
    summary: "Show, list, start, stop, update, tag, delete or examine the workflows of a keyspace.",
    load: async () => (await import("./workflow/index.js")).workflow,
  },
  {
    name: "VDiff",
    summary: "Compare a workflow's tables on source and target: checksums first, and rows where they differ.",
    load: async () => (await import("./vdiff/index.js")).vdiff,
  },
  {
    name: "ApplyVSchema",
    summary: "Apply a VSchema to a keyspace and show it.",
    load: async () => (await import("./apply-vschema/index.js")).applyVSchema,
  },
  {
    name: "GetVSchema",
    summary: "Display the VSchema of a keyspace, here or in a mounted cluster.",
    load: async () => (await import("./get-vschema.js")).getVSchema,
  },
  {
    name: "GetKeyspaces",
    summary: "List all keyspaces, here or in a mounted cluster.",
    load: async () => (await import("./topology/get-keyspaces.js")).getKeyspaces,
  },
  {
    name: "FindAllShardsInKeyspace",
    summary: "Display all shards of a keyspace, here or in a mounted cluster.",
    load: async () => (await import("./topology/find-all-shards-in-keyspace.js")).findAllShardsInKeyspace,
  },
  {
    name: "ListAllTablets",
    summary: "List the tablets of all cells or of some, here or in a mounted cluster.",
    load: async () => (await import("./topology/list-all-tablets.js")).listAllTablets,
  },
  {
    name: "GetTablet",
    summary: "Display the record of a tablet, here or in a mounted cluster.",
    load: async () => (await import("./topology/get-tablet.js")).getTablet,
  },
  {
    name: "GetSchema",
    summary: "Display the tables of a tablet's database, here or in a mounted cluster.",
    load: async () => (await import("./topology/get-schema.js")).getSchema,
  },
  {
    name: "ValidateSchemaKeyspace",
    summary: "Compare the tables of all tablets of a keyspace, here or in a mounted cluster.",
    load: async () => (await import("./topology/validate-schema-keyspace.js")).validateSchemaKeyspace,
  },
  {
    name: "context",
    summary: "List, show, choose, make or delete your contexts: target clusters by name.",
    load: async () => (await import("./context/index.js")).context,
  },
  {
    name: "sandbox",
    summary: "Run two small Vitess clusters here: up keeps them running, demo tells the whole story.",
    load: async () => (await import("./sandbox/index.js")).sandbox,
  },
];
