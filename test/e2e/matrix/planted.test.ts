/**
 * VDiff's two ways to compare, over shards of both sides and versions: each two of some sides and ages together, and with
 * VTMIGRATE_TEST_ALL every combination of more sides and all versions.
 */
import { describe, expect, it } from "vitest";
import { sourceCluster } from "../../../src/sandbox/cluster/shape.js";
import type { ProfileName } from "../../../src/sandbox/tablet/profiles.js";
import { Lab } from "../../support/lab.js";
import { pairwise, product } from "../../support/pairwise.js";
import { type Differences, keys, plantInCommerce } from "../../support/planted/commerce.js";
import type { Versions } from "./cases.js";

const someSides = {
  source: [["0"], ["-20", "20-80", "80-"]],
  target: [["0"], ["-80", "80-"]],
};
const allSides = {
  source: [...someSides.source, ["-80", "80-"]],
  target: [...someSides.target, ["-60", "60-c0", "c0-"]],
};
const old: ProfileName[] = ["v11", "v14", "v16"];
const recent: ProfileName[] = ["v18", "v22", "main"];
const every = [...old, ...recent];
/** From which of the versions to which of them. */
const ages = [
  { from: old, to: old },
  { from: old, to: recent },
  { from: recent, to: recent },
];
const modes = ["", "-full"];
const none: Differences = { mismatched: [], missing: [], extra: [] };

interface Case {
  source: string[];
  target: string[];
  version: Versions;
}

/** Each combination takes the next of its versions, so that all have their turn. */
function pairs(): Case[] {
  return pairwise({ ...someSides, age: ages }).map(({ source, target, age }, i) => ({
    source,
    target,
    version: { source: turn(age.from, i), target: turn(age.to, Math.floor(i / 3) + i) },
  }));
}

function turn(versions: readonly ProfileName[], i: number): ProfileName {
  return versions[i % versions.length] ?? "main";
}

function all(): Case[] {
  return product({ ...allSides, from: every, to: every }).map(({ source, target, from, to }) => ({
    source,
    target,
    version: { source: from, target: to },
  }));
}

const cases = process.env.VTMIGRATE_TEST_ALL === undefined ? pairs() : all();

describe.each(cases)("$source to $target, $version.source to $version.target", (each) => {
  it("finds what was planted, and nothing else", { timeout: 180_000 }, async () => {
    const { source, target, version } = each;
    const lab = await Lab.start({
      typesHere: true,
      rows: 60,
      source: sourceCluster({ shards: source, replicas: 0 }),
      targetShards: target,
      sourceProfile: version.source,
      targetProfile: version.target,
    });
    try {
      const created = await lab.type("Migrate -all -source ext1.commerce -wait Create commerce.wf");
      expect(created, created.stderr).toMatchObject({ code: 0 });
      const equal = Object.fromEntries(Object.keys(keys).map((table) => [table, none]));
      expect(await compare(lab, ""), "equal").toEqual({ code: 0, found: equal });
      const planted = plantInCommerce(lab);
      for (const mode of modes)
        expect(await compare(lab, mode), `planted ${mode}`).toEqual({ code: 3, found: planted });
    } finally {
      await lab.close();
    }
  });
});

interface Sample {
  row: Record<string, unknown>;
}

interface Report {
  table: string;
  mismatchedRows: number;
  extraRowsSource: number;
  extraRowsTarget: number;
  mismatchSamples: { source: Sample }[];
  extraSourceSamples: Sample[];
  extraTargetSamples: Sample[];
}

async function compare(lab: Lab, mode: string): Promise<{ code: number | null; found: Record<string, Differences> }> {
  const { code, stdout, stderr } = await lab.type(`VDiff ${mode} -json commerce.wf`.replace("  ", " "));
  if (stdout === "") throw new Error(stderr);
  const { tables } = JSON.parse(stdout) as { tables: Report[] };
  return { code, found: Object.fromEntries(tables.map((report) => [report.table, differences(report)])) };
}

function differences(report: Report): Differences {
  const rows = (samples: Sample[], count: number) => {
    expect(samples, `samples of ${report.table}`).toHaveLength(count);
    return samples.map(({ row }) => (keys[report.table] ?? []).map((column) => row[column]).join(" ")).sort();
  };
  return {
    mismatched: rows(
      report.mismatchSamples.map(({ source }) => source),
      report.mismatchedRows,
    ),
    missing: rows(report.extraSourceSamples, report.extraRowsSource),
    extra: rows(report.extraTargetSamples, report.extraRowsTarget),
  };
}
