import { NotFoundError } from "../errors.js";
import type { Topo, Version } from "../topo/port.js";

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
