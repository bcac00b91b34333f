import { AT_ONCE, forEachAtOnce } from "../../concurrency.js";
import { PreflightError, UnreachableError } from "../../errors.js";
import { parseTabletTypes } from "../../tablet/types.js";
import type { ShardRecord } from "../../topo/port.js";
import { keyRangesIntersect, parseKeyRange } from "../../wire/key-range.js";
import { controlQuery } from "../../workflow/control.js";
import { newProbeWorkflow, PROBE_TABLE } from "../../workflow/probe.js";
import { type Target, targetName } from "../../workflow/targets.js";
import type { PlannedStream, RowSettings } from "../create/streams.js";
import type { Check, Outcome } from "./check.js";
import type { Facts } from "./facts.js";
import { unlessForced } from "./forced.js";
import { NotAskedError, probeFrom, type Sight } from "./probe-rows.js";
import { count } from "./texts.js";

/** For all statements of a round of targets, as many as are asked at once; but not for those that delete. */
const ROUND_MS = 20_000;

/**
 * What only the target's tablets know: whether they reach the mount, and a source tablet. Each primary is given a stream
 * of a table that nobody has, for each source shard whose key range touches its own, and the stream is deleted again.
 */
export const probeStream: Check = {
  name: "probe_stream",
  needs: ["source_keyspace", "target_primaries", "cells"],
  changesSomething: true,
  async run(facts) {
    const { ctx, request, signal } = facts;
    const targets = await facts.get("targets");
    const [shards, cells] = await facts.all("shards", "cells");
    const settings: RowSettings = {
      workflow: newProbeWorkflow(),
      cells,
      tabletTypes: parseTabletTypes(request.tabletTypes),
      deferSecondaryKeys: undefined,
      subType: 0,
      now: ctx.clock.now(),
    };
    const late = new AbortController();
    const limitMs = ROUND_MS * Math.ceil(targets.length / AT_ONCE);
    const timer = setTimeout(() => late.abort(new UnreachableError("the probe streams took too long")), limitMs);
    // No target is left before its streams are deleted, whatever becomes of another.
    const outcomes = await forEachAtOnce(targets, async (target) => {
      const streams = shards.filter((shard) => touches(target, shard)).map((shard) => probeOf(facts, target, shard));
      const leave = (error: unknown) => tellLeftover(facts, target, settings, error);
      const run = { clock: ctx.clock, signal: AbortSignal.any([signal, late.signal]) };
      return probeFrom(target, streams, settings, run, leave).catch((error: unknown) => ({ error }));
    });
    clearTimeout(timer);
    const errors = outcomes.flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
    const [hard] = errors.filter((error) => !(error instanceof NotAskedError));
    if (hard !== undefined) throw hard;
    const [soft] = errors;
    if (soft instanceof NotAskedError) return { result: "warning", message: `not learned: ${soft.message}` };
    return judge(
      facts,
      outcomes.flatMap((outcome) => ("error" in outcome ? [] : outcome)),
      cells,
    );
  },
};

function touches(target: Target, shard: ShardRecord): boolean {
  return keyRangesIntersect(parseKeyRange(target.shard.name), parseKeyRange(shard.name));
}

function probeOf({ source }: Facts, target: Target, shard: ShardRecord): PlannedStream {
  return {
    target,
    sourceShard: shard.name,
    source: {
      keyspace: source.keyspace,
      shard: shard.name,
      filter: { rules: [{ match: PROBE_TABLE, filter: "" }] },
      onDdl: "IGNORE",
      stopAfterCopy: false,
      externalCluster: source.mount,
      sourceTimeZone: "",
      targetTimeZone: "",
    },
  };
}

function judge({ source, request }: Facts, sights: Sight[], cells: string[]): Outcome {
  const blind = sights.flatMap(({ target, sourceShard, trouble }) =>
    trouble === undefined
      ? []
      : [`${targetName(target)} from ${source.mount}.${source.keyspace}/${sourceShard}: ${trouble}`],
  );
  if (blind.length === 0) {
    return { message: `the mount and a source tablet are reached (${count(sights.length, "probe")})` };
  }
  const wanted = `a tablet (${request.tabletTypes}) in cells ${cells.join(",")}`;
  const error = new PreflightError(`target tablets don't find ${wanted} to stream from: ${blind.join("; ")}`, {
    hint: `From where they run, the target's primaries must reach the etcd of mount ${source.mount}, the etcds of its cells, and the source tablets' gRPC ports, with TLS and credentials by flags of their own: see docs/preflight.md. Or -skip_checks probe_stream.`,
  });
  return unlessForced(request.force, error);
}

/** Said at once, as an interrupted command has no result to say it in. */
function tellLeftover({ ctx, request }: Facts, target: Target, { workflow }: RowSettings, error: unknown): void {
  const { keyspace } = request.name;
  const { alias, dbName } = target.primary.record;
  const why = error instanceof Error ? error.message : String(error);
  ctx.io.warn(`the probe stream on ${targetName(target)} could not be deleted: ${why}`);
  ctx.io.note(`Delete it with "vtmigrate Workflow ${keyspace}.${workflow} delete", or on ${alias}:`);
  ctx.io.note(`  ${controlQuery("delete", dbName, workflow)}`);
}
