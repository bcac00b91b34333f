/** A pair of clusters whose stream has copied, and the VDiff RPC of its target. */

import type { VersionProfile } from "../../../src/sandbox/tablet/profiles.js";
import type { Timings } from "../../../src/sandbox/tablet/state.js";
import type { SandboxTablet } from "../../../src/sandbox/tablet/tablet.js";
import type { VDiffOptions } from "../../../src/wire/generated/tabletmanagerdata/VDiffOptions.js";
import type { VDiffResponse__Output } from "../../../src/wire/generated/tabletmanagerdata/VDiffResponse.js";
import { decodeResult, records } from "../../../src/wire/result.js";
import { defaultCoreOptions } from "../../support/vdiff-core-options.js";
import {
  type Cluster,
  commerce,
  insertStream,
  type Pair,
  run,
  showStreams,
  startPair,
  startStreams,
  until,
} from "./clusters.js";

export type Rows = Record<string, string | null>[];

export interface VDiffAnswer {
  id: string;
  vdiff_uuid: string;
  rows: Rows;
}

export interface VDiffPair extends Pair {
  vdiff(action: string, request?: VDiffCall): Promise<VDiffAnswer>;
  /** The rows of show, as soon as the VDiff is in one of `states`. */
  finished(uuid: string, ...states: string[]): Promise<Rows>;
  streams(): Promise<Rows>;
}

export interface VDiffCall {
  uuid?: string;
  arg?: string;
  options?: VDiffOptions;
  workflow?: string;
}

/** What vtctlclient sends when nothing is chosen, but for the cells. */
export function options({ picker_options: picker, core_options: core, report_options: report }: VDiffOptions = {}) {
  return {
    picker_options: {
      tablet_types: "in_order:RDONLY,REPLICA,PRIMARY",
      source_cell: "zx",
      target_cell: "zone1",
      ...picker,
    },
    core_options: { ...defaultCoreOptions, ...core },
    report_options: { format: "text", max_sample_rows: 10, ...report },
  };
}

const rowsOfSource = `
  insert into customer values (1, 'a@x'), (2, 'b@x'), (3, null);
  insert into product values ('SKU-1', 'Monitor', 100), ('SKU-2', 'Keyboard', 30);
  insert into notes values ('apple', 'y', '2026-11-22 15:58:57', null), ('Ärger', 'x', '2026-11-22 15:58:57', '{"a": 1}')`;

export async function startCopied(
  profile: VersionProfile,
  statements = rowsOfSource,
  timings: Partial<Timings> = {},
): Promise<VDiffPair> {
  const pair = await startPair(profile, commerce, timings);
  run(pair.sourcePrimary, statements);
  await pair.exec(insertStream(profile));
  await pair.exec(startStreams);
  const streams = () => pair.exec(showStreams);
  const copied = ([stream]: Rows) => stream?.state === "Running" && stream.pos !== "" && stream.message === "";
  await until(streams, copied, 60_000);
  return { ...pair, streams, ...vdiffOf(pair.target, pair.targetPrimary, { keyspace: "commerce", workflow: "wf" }) };
}

/** The VDiff RPC of one tablet. */
export function vdiffOf(
  cluster: Cluster,
  tablet: SandboxTablet,
  names: { keyspace: string; workflow: string },
): Pick<VDiffPair, "vdiff" | "finished"> {
  const manager = cluster.manager(tablet);
  const vdiff: VDiffPair["vdiff"] = async (action, { uuid = "", arg = "", options: sent, ...named } = {}) => {
    const request = { ...names, ...named, action, action_arg: arg, vdiff_uuid: uuid, options: options(sent) };
    const { id, vdiff_uuid, output } = (await manager.VDiff(request)) as VDiffResponse__Output;
    return { id, vdiff_uuid, rows: records(decodeResult(output)) };
  };
  return {
    vdiff,
    finished: (uuid, ...states) => {
      const wanted = states.length === 0 ? ["completed"] : states;
      const show = async () => (await vdiff("show", { arg: uuid })).rows;
      const ended = (rows: Rows) => rows.length > 0 && rows.every((row) => wanted.includes(row.vdiff_state ?? ""));
      return until(show, ended, 30_000);
    },
  };
}
