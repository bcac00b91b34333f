import { describe, expect, it } from "vitest";
import { PreflightError, UsageError } from "../../../src/errors.js";
import { requireKeysAtOnce, requireWholeShard } from "../../../src/migrate/create/atomic-copy.js";
import { rowsByRange, wholeTable } from "../../../src/migrate/create/routes/filters.js";
import type { PlannedStream } from "../../../src/migrate/create/streams.js";
import type { Tablet } from "../../../src/tablet/port.js";
import type { BinlogSource, FilterRule } from "../../../src/wire/binlog-source.js";
import type { Target } from "../../../src/workflow/targets.js";

function target(name: string): Target {
  const shard = { keyspace: "c", name, primaryAlias: undefined, isPrimaryServing: true, tabletControls: [] };
  return { shard, primary: { record: { alias: "zone1-1" } } as Tablet };
}

function stream(to: Target, sourceShard: string, rules: FilterRule[]): PlannedStream {
  const source: BinlogSource = {
    keyspace: "s",
    shard: sourceShard,
    filter: { rules },
    onDdl: "IGNORE",
    stopAfterCopy: false,
    externalCluster: "ext1",
    sourceTimeZone: "",
    targetTimeZone: "",
  };
  return { target: to, sourceShard, source };
}

const whole = [wholeTable("order"), wholeTable("a b")];

describe("requireWholeShard", () => {
  it("accepts one shard's tables in one place", () => {
    expect(() => requireWholeShard([stream(target("0"), "0", whole)])).not.toThrow();
  });

  it("refuses filters, and names the shards that have them", () => {
    const part = rowsByRange("t", ["id"], { name: "hash" })("80-");
    const streams = [
      stream(target("-80"), "0", [...whole, rowsByRange("t", ["id"], { name: "hash" })("-80")]),
      stream(target("80-"), "0", [part]),
    ];
    expect(() => requireWholeShard(streams)).toThrow(PreflightError);
    expect(() => requireWholeShard(streams)).toThrow("to each of -80/zone1-1, 80-/zone1-1, which take a part");
  });

  it("refuses several source shards for one target", () => {
    const to = target("0");
    const streams = [stream(to, "-80", whole), stream(to, "80-", whole)];
    expect(() => requireWholeShard(streams)).toThrow("and 0/zone1-1 is filled from several: -80, 80-");
  });
});

describe("requireKeysAtOnce", () => {
  it("refuses deferred keys, and nothing else", () => {
    expect(() => requireKeysAtOnce({ atomicCopy: true, deferSecondaryKeys: true })).toThrow(UsageError);
    for (const deferSecondaryKeys of [undefined, false]) {
      expect(() => requireKeysAtOnce({ atomicCopy: true, deferSecondaryKeys })).not.toThrow();
    }
    expect(() => requireKeysAtOnce({ atomicCopy: false, deferSecondaryKeys: true })).not.toThrow();
  });
});
