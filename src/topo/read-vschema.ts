import { FailedError, NotFoundError } from "../errors.js";
import { decode, type MessageOutput } from "../wire/proto.js";
import type { Topo } from "./port.js";

/** A keyspace's VSchema; undefined when none was ever written. FailedError when its bytes are none. */
export async function readVSchema(
  topo: Topo,
  keyspace: string,
): Promise<MessageOutput<"vschema.Keyspace"> | undefined> {
  const contents = await contentsIfAny(topo, keyspace);
  if (contents === undefined) return undefined;
  try {
    return decode("vschema.Keyspace", contents);
  } catch (cause) {
    throw new FailedError(`the VSchema of ${keyspace} in ${topo.description} can't be read`, { cause });
  }
}

export async function hasVSchema(topo: Topo, keyspace: string): Promise<boolean> {
  return (await contentsIfAny(topo, keyspace)) !== undefined;
}

async function contentsIfAny(topo: Topo, keyspace: string): Promise<Buffer | undefined> {
  try {
    return (await topo.vschema(keyspace)).contents;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    return undefined;
  }
}
