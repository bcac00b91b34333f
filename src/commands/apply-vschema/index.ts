import { defineCommand, flag, list, text } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { NotFoundError, UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { describePlan, type PlannedStep, runPlan } from "../../plan.js";
import type { Topo } from "../../topo/port.js";
import { applyVSchemaDdl } from "../../vschema/ddl.js";
import { decodeVSchema, encodeVSchema, formatVSchema, vschemaToJson } from "../../vschema/document.js";
import { readVSchemaJson } from "../../vschema/from-json.js";
import { unknownFields } from "../../vschema/unknown-fields.js";
import { validateVSchema } from "../../vschema/validate.js";
import type { Keyspace } from "../../wire/generated/vschema/Keyspace.js";
import { noteSteps } from "../steps.js";
import { readSource, type Source } from "./source.js";
import { rebuildStep, saveStep, storedVSchema, vschemaChange } from "./steps.js";

export interface AppliedVSchema {
  keyspace: string;
  vschema: object;
  /** False after a dry run. */
  saved: boolean;
  /** SrvVSchema was rebuilt, so that vtgates know. */
  rebuilt: boolean;
  /** Of a dry run. */
  steps?: PlannedStep[];
}

/**
 * ApplyVSchema, with vtctlclient's flags, outputs and order of checks (Vitess v22.0.3,
 * go/vt/vtctl/vtctl.go, commandApplyVSchema), except that fields which no VSchema has are refused, that
 * a dry run checks the keyspace too, and that files are read on this machine.
 */
export const applyVSchema = defineCommand({
  name: "ApplyVSchema",
  summary: "Apply a VSchema to a keyspace and show it.",
  usage:
    "{-vschema <json> | -vschema_file <file> | -sql <statement> | -sql_file <file>} [-dry-run] [-skip_rebuild] [-cells <c1,c2>] [-allow_unknown] <keyspace>",
  examples: [
    "ApplyVSchema -vschema_file commerceVschema.json commerce",
    "ApplyVSchema -dry-run -vschema_file commerceVschema.json commerce",
    `ApplyVSchema -sql "alter vschema add table product" commerce`,
  ],
  args: { min: 1, max: 1, complaint: "the <keyspace> argument is required for the ApplyVSchema command" },
  options: {
    vschema: text("the VSchema, as JSON"),
    vschemaFile: text("file with the VSchema, as JSON"),
    sql: text("a statement: alter vschema ..."),
    sqlFile: text("file with such a statement"),
    dryRun: flag("show and check the VSchema, change nothing", false, { spelling: "dry-run" }),
    skipRebuild: flag("don't rebuild SrvVSchema: vtgates keep what they have"),
    cells: list("rebuild SrvVSchema in these cells only"),
    allowUnknown: flag("drop fields that no VSchema has, instead of refusing them"),
  },
  async run({ args, options, json }, ctx: Context): Promise<AppliedVSchema> {
    const keyspace = args[0] ?? "";
    const source = await readSource(options);
    const change =
      source.kind === "json"
        ? { vschema: readDocument(source, options.allowUnknown, ctx.io), version: undefined }
        : await runStatement(await ctx.topo(), keyspace, source.text);
    const { vschema } = change;
    if (json !== true) show(vschema, ctx.io);
    for (const warning of validateVSchema(vschema)) ctx.io.warn(warning);

    const topo = await ctx.topo();
    await requireKeyspace(topo, keyspace);
    await requireCells(topo, options.cells);
    const result: AppliedVSchema = { keyspace, vschema: vschemaToJson(vschema), saved: false, rebuilt: false };
    const save = saveStep(topo, keyspace, change, () => {
      result.saved = true;
    });
    const rebuild = options.skipRebuild ? [] : [rebuildStep(topo, options.cells)];
    if (source.kind === "json") await warnOfLosses(topo, keyspace, ctx.io);
    if (options.dryRun) {
      const details = await vschemaChange(topo, keyspace, vschema);
      result.steps = describePlan([{ ...save, details }, ...rebuild]);
      noteSteps(ctx.io, result.steps);
      return result;
    }
    try {
      await runPlan(ctx, [save, ...rebuild]);
    } catch (error) {
      // Also when an interruption has come between the two.
      if (result.saved) {
        ctx.io.note(`The VSchema of ${keyspace} is saved, but its SrvVSchema is not: run the same command again.`);
      }
      throw error;
    }
    if (options.skipRebuild) {
      ctx.io.warn("Skipping rebuild of SrvVSchema, will need to run RebuildVSchemaGraph for changes to take effect");
    }
    return { ...result, rebuilt: !options.skipRebuild };
  },
  view(result: AppliedVSchema, io: Io): void {
    if (!result.saved) io.print("Dry run: Skipping update of VSchema");
  },
});

/** Before anything is checked, so that a refused document is seen too. */
function show(vschema: Keyspace, io: Io): void {
  io.print(`New VSchema object:\n${formatVSchema(vschema)}`);
  io.print("If this is not what you expected, check the input data (as JSON parsing will skip unexpected fields).");
}

function readDocument(source: Source, allowUnknown: boolean, io: Io): Keyspace {
  const { file } = source;
  const { vschema, dropped } = readVSchemaJson(source.text, { allowUnknown, ...(file === undefined ? {} : { file }) });
  for (const sentence of dropped) io.warn(file === undefined ? sentence : `${file}: ${sentence}`);
  // Coming back from its bytes, enum values that were written as numbers have their names.
  return decodeVSchema(encodeVSchema(vschema));
}

/** The stored VSchema after a statement; saved only if nobody else has saved in between. */
async function runStatement(
  topo: Topo,
  keyspace: string,
  sql: string,
): Promise<{ vschema: Keyspace; version: string | undefined }> {
  const stored = await storedVSchema(topo, keyspace);
  const unknown = stored === undefined ? [] : unknownFields(stored.contents);
  if (unknown.length > 0) {
    throw new UsageError(
      `the VSchema of ${keyspace} has fields that this version doesn't know: ${unknown.join(", ")}`,
      {
        hint: "A statement would lose them. Change it with the Vitess version that wrote them.",
      },
    );
  }
  const before = stored === undefined ? {} : decodeVSchema(stored.contents);
  return { vschema: applyVSchemaDdl(keyspace, before, sql.trim()), version: stored?.version };
}

async function warnOfLosses(topo: Topo, keyspace: string, io: Io): Promise<void> {
  const stored = await storedVSchema(topo, keyspace);
  const unknown = stored === undefined ? [] : unknownFields(stored.contents);
  if (unknown.length === 0) return;
  io.warn(
    `the VSchema that is replaced has fields that this version doesn't know, which go with it: ${unknown.join(", ")}`,
  );
}

async function requireKeyspace(topo: Topo, keyspace: string): Promise<void> {
  const keyspaces = await topo.keyspaces();
  if (keyspaces.includes(keyspace)) return;
  throw new NotFoundError(`keyspace(${keyspace}) doesn't exist, check if the keyspace is initialized`, {
    hint: `Keyspaces: ${keyspaces.join(", ") || "none"}.`,
  });
}

async function requireCells(topo: Topo, cells: string[]): Promise<void> {
  if (cells.length === 0) return;
  const known = await topo.cells();
  const unknown = cells.filter((cell) => !known.includes(cell));
  if (unknown.length === 0) return;
  throw new NotFoundError(`there is no cell named ${unknown.join(", ")}`, {
    hint: `Cells: ${known.join(", ") || "none"}.`,
  });
}
