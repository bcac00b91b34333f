import { NotFoundError } from "../errors.js";
import type { Topo, Version } from "../topo/port.js";
import { decode } from "../wire/proto.js";

/** A keyspace's VSchema file; one that was never written is an empty, unsharded VSchema. */
export async function vschemaOrEmpty(
  topo: Topo,
  keyspace: string,
): Promise<{ contents: Buffer; version: Version | undefined }> {
  try {
    return await topo.vschema(keyspace);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    return { contents: Buffer.alloc(0), version: undefined };
  }
}

export async function tablesWithoutEntry(topo: Topo, keyspace: string, tables: string[]): Promise<string[]> {
  const { contents } = await vschemaOrEmpty(topo, keyspace);
  const entries = decode("vschema.Keyspace", contents).tables;
  return tables.filter((table) => entries[table] === undefined);
}
