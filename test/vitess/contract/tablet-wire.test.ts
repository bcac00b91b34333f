/**
 * What a real Vitess's tablets answer, held against the recording of that very version, and against the sandbox's tablets
 * of that release. With VTMIGRATE_RECORD=<folder> the recording is
 * written there, and that of both topologies.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import { expectSame, isComparable, type Recorded } from "../../contract/tablet-wire/compare.js";
import { send } from "../../contract/tablet-wire/exchange.js";
import { type Loaded, load } from "../../contract/tablet-wire/load.js";
import { readRecords, recordingPath, type WireRecord } from "../../contract/tablet-wire/records.js";
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
    const { version } = versionOf(lab);
    writeFileSync(join(folder, `wire-v${version}.jsonl`), toLines(records));
    for (const side of ["source", "target"] as const) {
      writeFileSync(join(folder, `topo-${side}-v${version}.json`), await recordTopo(lab, side));
    }
  });
  const recordOf = (name: string): WireRecord => {
    const found = real.get(name);
    if (found === undefined) throw new Error(`${name} was not recorded`);
    return found;
  };

  it("is what was recorded of this version", ({ skip }) => {
    const recorded = versionOf(lab);
    if (!existsSync(recordingPath(recorded.version))) skip(`there is no recording of ${recorded.version}`);
    for (const before of readRecords(recorded.version)) {
      expectSame(recordOf(before.name), before, { ...recorded, server: "mysql" });
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
      const recorded = versionOf(lab);
      if (!isComparable(expected, recorded)) return;
      const answer = await send(loaded.client(expected), expected.method, expected.request);
      expectSame(answer, expected, recorded);
    });
  });
});

function versionOf(lab: VitessLab): Recorded {
  const { versions, mariadb } = lab.installation.install;
  return { version: versions.vitess, server: mariadb ? "mariadb" : "mysql" };
}
