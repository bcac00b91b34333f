import { defineCommand } from "../cli/command.js";
import type { Context } from "../context.js";
import { NotFoundError } from "../errors.js";
import type { Io } from "../io/io.js";
import { goJson, protoIndented } from "../io/json.js";
import type { Topo, VSchemaFile } from "../topo/port.js";
import { decodeVSchema, vschemaToJson } from "../vschema/document.js";
import { unknownFields } from "../vschema/unknown-fields.js";
import { openKeyspace } from "./mounted.js";

/**
 * GetVSchema: prints a keyspace's VSchema as protojson (Vitess v22.0.3, go/vt/vtctl/vtctl.go,
 * commandGetVSchema). `<mount>.<keyspace>` reads the mounted cluster's, which Vitess itself can't.
 */
export const getVSchema = defineCommand({
  name: "GetVSchema",
  summary: "Display the VSchema of a keyspace, here or in a mounted cluster.",
  usage: "<keyspace> | <mount>.<keyspace>",
  examples: ["GetVSchema commerce", "GetVSchema ext1.commerce > commerceVschema.json"],
  args: { min: 1, max: 1, complaint: "the <keyspace> argument is required for the GetVSchema command" },
  options: {},
  async run({ args }, ctx: Context): Promise<object> {
    const { topo, keyspace } = await openKeyspace(ctx, args[0] ?? "");
    return read(topo, keyspace, ctx.io);
  },
  view(result: object, io: Io): void {
    io.print(goJson(result, protoIndented));
  },
});

async function read(topo: Topo, keyspace: string, io: Io): Promise<object> {
  const { contents } = await readFile(topo, keyspace);
  const unknown = unknownFields(contents);
  if (unknown.length > 0) {
    io.warn(
      `the VSchema of ${keyspace} has fields that this version doesn't know and leaves out: ${unknown.join(", ")}`,
    );
  }
  return vschemaToJson(decodeVSchema(contents));
}

/** NotFoundError as the topology words it, with the keyspaces that there are. */
async function readFile(topo: Topo, keyspace: string): Promise<VSchemaFile> {
  try {
    return await topo.vschema(keyspace);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    const keyspaces = await topo.keyspaces();
    const hint = keyspaces.includes(keyspace)
      ? `Keyspace ${keyspace} exists, but nobody has given it a VSchema yet.`
      : `Keyspaces of ${topo.description}: ${keyspaces.join(", ") || "none"}.`;
    throw new NotFoundError(error.message, { hint, cause: error });
  }
}
