import { forEachAtOnce } from "../../concurrency.js";
import type { VtmigrateError } from "../../errors.js";
import { expandCells } from "../../tablet/picker.js";
import type { Tablet } from "../../tablet/port.js";
import { canonicalType, parseTabletTypes } from "../../tablet/types.js";
import { askTablet } from "./ask-tablet.js";
import type { Tried } from "./check.js";
import type { Facts } from "./facts.js";

/** A source tablet of a wanted type, in a cell that streams look into, and whether it answers this machine. */
export interface SourceAnswer {
  /** "commerce/0" */
  shard: string;
  tablet: Tablet;
  tried: Tried;
  error: VtmigrateError | undefined;
}

/** Every tablet that a stream could read from, asked at once. */
export async function askSourceTablets(facts: Facts): Promise<SourceAnswer[]> {
  const { ctx, request, signal } = facts;
  const [source, shards, cells] = await facts.all("source", "shards", "cells");
  const wanted: readonly string[] = parseTabletTypes(request.tabletTypes).types;
  const expanded = wanted.every((type) => type === "PRIMARY") ? undefined : await expandCells(source, cells);
  const known = await forEachAtOnce(shards, async ({ keyspace, name }) => {
    const records = await source.tabletsOfShard(keyspace, name, expanded);
    return records
      .filter((record) => wanted.includes(canonicalType(record.type)))
      .map((record) => ({ shard: `${keyspace}/${name}`, tablet: ctx.tablets().open(record) }));
  });
  return forEachAtOnce(known.flat(), async (each) => ({
    ...each,
    ...(await askTablet(each.tablet, ctx.tablets(), signal)),
  }));
}
