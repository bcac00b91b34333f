import { UsageError } from "../../errors.js";
import { canonicalType } from "../../tablet/types.js";
import type { StoredTablet } from "../../topo/inventory.js";
import { enumValues } from "../../wire/proto.js";

/** "replica", "MASTER", "drained": the type as records have it (topodata.TabletType). UsageError in vtctl's words. */
export function parseTabletType(typed: string): string {
  const name = canonicalType(typed);
  const known = [...enumValues("topodata.TabletType").keys()].filter((type) => type !== "UNKNOWN");
  if (known.includes(name)) return name;
  throw new UsageError(`invalid tablet type ${typed}: unknown TabletType ${typed}`, {
    hint: `Tablet types are ${known.join(", ").toLowerCase()}.`,
  });
}

/** "replica"; "unknown" for 0 and for numbers that proto/ doesn't know. */
export function tabletTypeName(type: number): string {
  const [name = "UNKNOWN"] = [...enumValues("topodata.TabletType")].find(([, number]) => number === type) ?? [];
  return name.toLowerCase();
}

/**
 * A primary that another one has followed, and that has not written its record yet, is of no known type
 * (go/vt/vtctl/grpcvtctldserver/server.go, GetTablets).
 */
export function withoutStalePrimaries(tablets: readonly StoredTablet[]): StoredTablet[] {
  const newest = new Map<string, bigint>();
  for (const tablet of tablets) {
    const term = termStart(tablet);
    if (term > (newest.get(shardOf(tablet)) ?? 0n)) newest.set(shardOf(tablet), term);
  }
  return tablets.map((tablet) => {
    const stale = tablet.type === "PRIMARY" && termStart(tablet) < (newest.get(shardOf(tablet)) ?? 0n);
    return stale ? { ...tablet, type: "UNKNOWN" as const } : tablet;
  });
}

function shardOf({ keyspace, shard }: StoredTablet): string {
  return `${keyspace}/${shard}`;
}

/** In nanoseconds of the epoch; 0 for a tablet that never was a primary. */
function termStart({ primary_term_start_time: time }: StoredTablet): bigint {
  return time === null ? 0n : BigInt(time.seconds) * 1_000_000_000n + BigInt(time.nanoseconds);
}
