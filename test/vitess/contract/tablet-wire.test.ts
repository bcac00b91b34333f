/**
 * What a real Vitess's tablets answer, held against the recording of that very version, and against the sandbox's tablets
 * of that release. With VTMIGRATE_RECORD=<folder> the recording is written there, and that of both topologies.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import { expectSame, isComparable } from "../../contract/tablet-wire/compare.js";
import { send } from "../../contract/tablet-wire/exchange.js";
import { type Loaded, load } from "../../contract/tablet-wire/load.js";
import { nameOf, type Recorded, recordingOf } from "../../contract/tablet-wire/recordings.js";
import { readRecords, type WireRecord } from "../../contract/tablet-wire/records.js";
import { requests } from "../../contract/tablet-wire/requests.js";
import { describeVitess, type VitessLab } from "../lab.js";
import { prepare, record, toLines } from "./record.js";
import { recordTopo } from "./record-topo.js";

describeVitess("what real tablets answer", (lab) => {
  let real: Map<string, WireRecord>;
  beforeAll(async () => {
    await prepare(lab);
    const records = await record(lab);
    real = new Map(records.map((one) => [one.name, one]));
    const folder = process.env.VTMIGRATE_RECORD;
    if (folder === undefined) return;
    const made = madeOn(lab);
    writeFileSync(join(folder, `wire-v${nameOf(made)}.jsonl`), toLines(records));
    for (const side of ["source", "target"] as const) {
      const path = join(folder, `topo-${side}-v${made.version}.json`);
      // The server below has no part in it: the first recording of a version will do.
      if (!existsSync(path)) writeFileSync(path, await recordTopo(lab, side));
    }
  });
  const recordOf = (name: string): WireRecord => {
    const found = real.get(name);
    if (found === undefined) throw new Error(`${name} was not recorded`);
    return found;
  };

  it("is what was recorded of this version", ({ skip }) => {
    const made = madeOn(lab);
    const recording = recordingOf(made);
    if (recording === undefined || recording.stream !== undefined) {
      return skip(`there is no recording of ${made.version} over ${made.server} in this state`);
    }
    for (const before of readRecords(recording.name)) {
      expectSame(recordOf(before.name), before, { ...made, server: "mysql" });
    }
  });

  describe("is what the sandbox's tablet answers", () => {
    let loaded: Loaded;
    beforeAll(async () => {
      const profile = Object.values(profiles).find(({ name }) => name === `v${lab.release}`);
      if (profile === undefined) throw new Error(`the sandbox doesn't play v${lab.release}`);
      loaded = await load(profile);
    });
    afterAll(() => loaded?.stop());

    it.each(requests)("$name", async ({ name }) => {
      const expected = recordOf(name);
      const made = madeOn(lab);
      if (!isComparable(expected, made)) return;
      const answer = await send(loaded.client(expected), expected.method, expected.request);
      expectSame(answer, expected, made);
    });
  });
});

function madeOn(lab: VitessLab): Recorded {
  const { versions, mariadb } = lab.installation.install;
  return { version: versions.vitess, server: mariadb ? "mariadb" : "mysql" };
}
