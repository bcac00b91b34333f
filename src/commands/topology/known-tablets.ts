import { NotFoundError } from "../../errors.js";
import { storedTablets } from "../../topo/inventory.js";
import { formatAlias } from "../../topo/names.js";
import type { Topo } from "../../topo/port.js";

/** What was asked of a tablet; the NotFoundError of one that doesn't exist is thrown with the tablets that there are. */
export async function orKnownTablets<T>(topo: Topo, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new NotFoundError(error.message, { hint: await knownTablets(topo), cause: error });
  }
}

async function knownTablets(topo: Topo): Promise<string> {
  const { tablets } = await storedTablets(topo, await topo.cells());
  const aliases = tablets.flatMap(({ alias }) => (alias === null ? [] : [formatAlias(alias)])).sort();
  return `Tablets of ${topo.description}: ${aliases.join(", ") || "none"}.`;
}
