import { readFile } from "node:fs/promises";
import { defineCommand, flag, list, text } from "../cli/command.js";
import type { Context } from "../context.js";
import { NotFoundError, UsageError } from "../errors.js";
import type { Io } from "../io/io.js";
import type { Topo, VSchemaFile } from "../topo/port.js";
import { applyVSchemaDdl } from "../vschema/ddl.js";
import { decodeVSchema, encodeVSchema, formatVSchema, vschemaToJson } from "../vschema/document.js";
import { readVSchemaJson } from "../vschema/from-json.js";
import { unknownFields } from "../vschema/unknown-fields.js";
import { validateVSchema } from "../vschema/validate.js";
import type { Keyspace } from "../wire/generated/vschema/Keyspace.js";

export interface AppliedVSchema {
  keyspace: string;
  vschema: object;
  /** False after a dry run. */
  saved: boolean;
  /** SrvVSchema was rebuilt, so that vtgates know. */
  rebuilt: boolean;
}

interface Source {
  /** A document that replaces the stored one, or a statement that changes it. */
  kind: "json" | "sql";
  text: string;
  /** Where the text came from, when it is a file. */
  file?: string;
}

const howMany = "of the --sql, --sql_file, --vschema, or --vschema_file flags";
const whose = "when calling the ApplyVSchema command";

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
    const result = { keyspace, vschema: vschemaToJson(vschema), saved: false, rebuilt: false };
    if (options.dryRun) return result;
    if (source.kind === "json") await warnOfLosses(topo, keyspace, ctx.io);
    ctx.signal.throwIfAborted();
    await topo.saveVSchema(keyspace, encodeVSchema(vschema), change.version);
    result.saved = true;
    if (options.skipRebuild) {
      ctx.io.warn("Skipping rebuild of SrvVSchema, will need to run RebuildVSchemaGraph for changes to take effect");
      return result;
    }
    await rebuild(topo, keyspace, options.cells, ctx.io);
    result.rebuilt = true;
    return result;
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

/** Exactly one of the four; an empty text counts as not given, as in Vitess. */
async function readSource(options: {
  vschema: string;
  vschemaFile: string;
  sql: string;
  sqlFile: string;
}): Promise<Source> {
  const { vschema, vschemaFile, sql, sqlFile } = options;
  const given = [vschema, vschemaFile, sql, sqlFile].filter((value) => value !== "").length;
  const hint = "Example: vtmigrate ApplyVSchema -vschema_file commerceVschema.json commerce";
  if (given > 1) throw new UsageError(`only one ${howMany} may be specified ${whose}`, { hint });
  if (given === 0) throw new UsageError(`one ${howMany} must be specified ${whose}`, { hint });
  if (vschema !== "") return { kind: "json", text: vschema };
  if (sql !== "") return { kind: "sql", text: sql };
  const file = vschemaFile || sqlFile;
  return { kind: vschemaFile === "" ? "sql" : "json", text: await readText(file), file };
}

/** UsageError in Go's words: "open x.json: no such file or directory". */
async function readText(file: string): Promise<string> {
  const problems: Record<string, string> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    EISDIR: "is a directory",
  };
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new UsageError(
      `${code === "EISDIR" ? "read" : "open"} ${file}: ${problems[code] ?? (code || String(error))}`,
      { cause: error },
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${file}: the file is not UTF-8 text`, { cause: error });
  }
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
    `the VSchema that is replaced has fields that this version doesn't know, and they are gone: ${unknown.join(", ")}`,
  );
}

async function storedVSchema(topo: Topo, keyspace: string): Promise<VSchemaFile | undefined> {
  try {
    return await topo.vschema(keyspace);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
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

async function rebuild(topo: Topo, keyspace: string, cells: string[], io: Io): Promise<void> {
  try {
    await topo.rebuildSrvVSchema(cells.length === 0 ? undefined : cells);
  } catch (error) {
    io.note(`The VSchema of ${keyspace} is saved, but its SrvVSchema is not: run the same command again.`);
    throw error;
  }
}
