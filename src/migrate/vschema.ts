import { NotFoundError } from "../errors.js";
import type { Topo } from "../topo/port.js";
import { decode } from "../wire/proto.js";

/** A VSchema that was never written is an empty, unsharded one. */
async function contentsOrEmpty(topo: Topo, keyspace: string): Promise<Buffer> {
  try {
    return (await topo.vschema(keyspace)).contents;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    return Buffer.alloc(0);
  }
}

/** Whether a keyspace is sharded by its VSchema, and which of `tables` have no entry there. */
export async function inspectVSchema(
  topo: Topo,
  keyspace: string,
  tables: string[],
): Promise<{ sharded: boolean; missing: string[] }> {
  const vschema = decode("vschema.Keyspace", await contentsOrEmpty(topo, keyspace));
  return { sharded: vschema.sharded, missing: tables.filter((table) => vschema.tables[table] === undefined) };
}
