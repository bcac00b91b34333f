import { defineCommand, flag, list } from "../../cli/command.js";
import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { goJson, protoIndented } from "../../io/json.js";
import { clusterOf, mountOption } from "../mounted.js";
import { orKnownTablets } from "./known-tablets.js";
import { type SchemaDocument, schemaDocument } from "./schema-document.js";

/** The tables' names alone, or all of it. */
type SchemaAnswer = string[] | SchemaDocument;

/**
 * GetSchema: a tablet's tables as JSON, or their names (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandGetSchema). The
 * tablet is asked itself, of whatever version it is.
 */
export const getSchema = defineCommand({
  name: "GetSchema",
  summary: "Display the tables of a tablet's database, here or in a mounted cluster.",
  usage:
    "[-tables <table>,<table>,...] [-exclude_tables <table>,...] [-include-views] [-table_names_only] [-table_sizes_only] [-table_schema_only] [-mount <name>] <tablet alias>",
  examples: [
    "GetSchema -table_names_only zone1-0000000100",
    "GetSchema -tables corder,/^cust/ -table_schema_only -mount ext1 zx-0000000001",
  ],
  args: { min: 1, max: 1, complaint: "the <tablet alias> argument is required for the GetSchema command" },
  options: {
    tables: list("only these tables: names, or regular expressions between slashes"),
    excludeTables: list("none of these tables: names, or regular expressions between slashes", {
      spelling: "exclude_tables",
    }),
    includeViews: flag("show views too", false, { spelling: "include-views" }),
    tableNamesOnly: flag("show the tables' names alone", false, { spelling: "table_names_only" }),
    tableSizesOnly: flag("show the tables' sizes alone; -table_names_only wins", false, {
      spelling: "table_sizes_only",
    }),
    tableSchemaOnly: flag("leave columns and fields out", false, { spelling: "table_schema_only" }),
    mount: mountOption,
  },
  async run({ args, options }, ctx: Context): Promise<SchemaAnswer> {
    const topo = await clusterOf(ctx, options.mount);
    const record = await orKnownTablets(topo, topo.tablet(args[0] ?? ""));
    const { tables, excludeTables, includeViews, tableSchemaOnly } = options;
    const tablet = ctx.tablets().open(record);
    const schema = await tablet.getSchema(tables, { excludeTables, includeViews, tableSchemaOnly, signal: ctx.signal });
    if (options.tableNamesOnly) return schema.table_definitions.map(({ name }) => name);
    return schemaDocument(schema, options);
  },
  view(answer: SchemaAnswer, io: Io): void {
    if (!Array.isArray(answer)) io.print(goJson(answer, protoIndented));
    else for (const name of answer) io.print(name);
  },
});
