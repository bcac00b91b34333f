import { parseSource } from "../source.js";
import type { SourceSide } from "./look-at-source.js";
import type { TargetSide } from "./look-at-target.js";
import type { CreateRequest } from "./request.js";
import { readingCells, readSourceVSchemas } from "./routes/vschemas.js";
import { type PlannedStream, planStreams } from "./streams.js";
import { TARGET_TIME_ZONE } from "./time-zone.js";

/** The streams that the workflow needs. PreflightErrors are those of `readSourceVSchemas` and `planStreams`. */
export async function decideStreams(
  request: CreateRequest,
  { targets, vschema }: Pick<TargetSide, "targets" | "vschema">,
  from: Pick<SourceSide, "source" | "shards" | "cells" | "tabletTypes" | "definitions">,
): Promise<PlannedStream[]> {
  const { source, shards, cells, tabletTypes, definitions } = from;
  const sourceName = parseSource(request.source);
  const targetCells = targets.map(({ primary }) => primary.record.cell);
  const reading = await readingCells(source, shards, { cells, tabletTypes, targetCells });
  const ofSource = await readSourceVSchemas(source, sourceName.keyspace, shards, reading);
  return planStreams(targets, shards, {
    source: sourceName,
    targetKeyspace: request.name.keyspace,
    tables: definitions
      .map(({ name, columns, primary_key_columns: primaryKey }) => ({ name, columns, primaryKey }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    vschemas: { target: vschema, ...ofSource },
    partial: request.shards.length > 0,
    onDdl: request.onDdl,
    stopAfterCopy: request.stopAfterCopy,
    sourceTimeZone: request.sourceTimeZone,
    targetTimeZone: request.sourceTimeZone === "" ? "" : TARGET_TIME_ZONE,
  });
}
