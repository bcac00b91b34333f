/**
 * The recorded requests of real tablets, sent byte by byte to a sandbox tablet of that version which holds the
 * same tables and the same stream; what comes back must be what the real one answered.
 *
 * Left out of the comparison, for every record: times, positions, UUIDs. Most were recorded over MariaDB 10.11, and
 * the sandbox speaks as MySQL 8: for these, descriptions of columns are compared by name and type only, and
 * JSON by what it says. What is left out of single records stands in tablet-wire/compare.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { profiles } from "../../src/sandbox/tablet/profiles.js";
import { expectSame, isComparable } from "./tablet-wire/compare.js";
import { send } from "./tablet-wire/exchange.js";
import { type Loaded, load } from "./tablet-wire/load.js";
import { recordings } from "./tablet-wire/recordings.js";
import { readRecords } from "./tablet-wire/records.js";

describe.each(recordings)("a tablet of $name", ({ name, profile, stream, ...recorded }) => {
  const records = readRecords(name);
  const comparable = records.filter((record) => isComparable(record, recorded));
  let loaded: Loaded;

  beforeAll(async () => {
    loaded = await load(profiles[profile], stream);
  });
  afterAll(() => loaded.stop());

  it("is held against most of the recording", () => {
    expect(comparable.length).toBeGreaterThanOrEqual(records.length - 5);
  });

  it.each(comparable.map((record) => [record.name, record] as const))("%s", async (_name, record) => {
    expectSame(await send(loaded.client(record), record.method, record.request), record, recorded);
  });
});
