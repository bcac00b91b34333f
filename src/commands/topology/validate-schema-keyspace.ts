import { defineCommand, flag, list } from "../../cli/command.js";
import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { requireKeyspace } from "../../migrate/source.js";
import { openKeyspace } from "../mounted.js";
import { compareTablets, compareWithVSchema, type SchemaFindings } from "./schema-findings.js";

/**
 * ValidateSchemaKeyspace: whether all tablets of a keyspace have the same tables (Vitess v22.0.3,
 * go/vt/vtctl/vtctl.go, commandValidateSchemaKeyspace). Nothing is printed when they do.
 */
export const validateSchemaKeyspace = defineCommand({
  name: "ValidateSchemaKeyspace",
  summary: "Compare the tables of all tablets of a keyspace, here or in a mounted cluster.",
  usage:
    "[-exclude_tables <table>,<table>,...] [-include-views] [-include-vschema] [-skip-no-primary=false] <keyspace> | <mount>.<keyspace>",
  examples: ["ValidateSchemaKeyspace commerce", "ValidateSchemaKeyspace -include-vschema ext1.commerce"],
  args: {
    min: 1,
    max: 1,
    complaint: "the <keyspace name> argument is required for the ValidateSchemaKeyspace command",
  },
  options: {
    excludeTables: list("none of these tables: names, or regular expressions between slashes", {
      spelling: "exclude_tables",
    }),
    includeViews: flag("compare views too", false, { spelling: "include-views" }),
    includeVschema: flag("look first whether the VSchema has all tables", false, { spelling: "include-vschema" }),
    skipNoPrimary: flag("pass over shards without a primary", true, { spelling: "skip-no-primary" }),
  },
  async run({ args, options }, ctx: Context): Promise<SchemaFindings> {
    const { topo, keyspace } = await openKeyspace(ctx, args[0] ?? "");
    await requireKeyspace(topo, keyspace);
    const request = { topo, keyspace, ...options };
    const unknown = options.includeVschema ? await compareWithVSchema(ctx, request) : undefined;
    if (unknown !== undefined && unknown.differences.length + unknown.failures.length > 0) return unknown;
    return compareTablets(ctx, request);
  },
  view({ differences, failures }: SchemaFindings, io: Io): void {
    for (const line of [...differences, ...failures]) io.print(line);
  },
  exitCode: ({ differences, failures }) => (differences.length > 0 ? 3 : failures.length > 0 ? 5 : 0),
});
