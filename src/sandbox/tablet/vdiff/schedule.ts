/** The actions create and resume: a row that says pending, and a controller for it (vdiff/action.go). */
import type { MessageOutput } from "../../../wire/proto.js";
import { sqlString } from "../../../wire/sql.js";
import type { TabletState } from "../state.js";
import type { VDiffEngine } from "./engine.js";
import { optionsJson } from "./options.js";
import type { VDiffRow } from "./store.js";
import { aliasProto } from "./table-plan.js";
import { insertVDiff, resumeVDiff, startVDiff } from "./transitions.js";

type Request = MessageOutput<"tabletmanagerdata.VDiffRequest">;
type Options = MessageOutput<"tabletmanagerdata.VDiffOptions">;

/** Resolves with the row's id. */
export async function createVDiff(engine: VDiffEngine, request: Request): Promise<string> {
  const { state } = engine;
  const { vdiff_uuid: uuid, keyspace, workflow } = request;
  if ((await find(engine, uuid)) !== undefined) {
    throw new Error(`vdiff with UUID ${uuid} already exists${onTablet(state)}`);
  }
  const options = await withCells(state, request.options);
  const waits = state.profile.vdiff.autoStart && options.core_options?.auto_start === false;
  const id = await insertVDiff(engine.store, {
    uuid,
    keyspace,
    workflow,
    state: waits ? "stopped" : "pending",
    options: optionsJson(options, state.profile.vdiff),
  });
  await engine.start(id);
  return id;
}

export async function resumeVDiffOf(engine: VDiffEngine, request: Request): Promise<string> {
  const { state, store } = engine;
  const { autoStart, keepsOptions } = state.profile.vdiff;
  const uuid = request.vdiff_uuid;
  const id = (await find(engine, uuid))?.id;
  if (id === undefined || id === null) throw new Error(`vdiff with UUID ${uuid} not found${onTablet(state)}`);
  const options = keepsOptions ? undefined : optionsJson(await withCells(state, request.options), state.profile.vdiff);
  const resumed = (await resumeVDiff(store, id, options)) || (autoStart && (await startVDiff(store, id)));
  if (!resumed) throw new Error(`no completed or stopped vdiff found for UUID ${uuid}${onTablet(state)}`);
  await engine.start(id);
  return id;
}

/** How the versions name the tablet at the end of a refusal. */
export function onTablet(state: TabletState): string {
  const { lifecycle, plainAlias } = state.profile.vdiff;
  if (!lifecycle) return "";
  return ` on tablet ${plainAlias ? state.alias : aliasProto(state)}`;
}

async function find({ store }: VDiffEngine, uuid: string): Promise<VDiffRow | undefined> {
  return (await store.select(`vdiff_uuid = ${sqlString(uuid)}`))[0];
}

/** Cells that aren't given are all of the tablet's own topology; in v14 those of the other side, or the first. */
async function withCells(state: TabletState, sent: Options | null): Promise<Options> {
  const picker = sent?.picker_options;
  if (sent === null || picker === null || picker === undefined) {
    throw new Error("caught panic during VDiff: runtime error: invalid memory address or nil pointer dereference");
  }
  const { source_cell: source, target_cell: target } = picker;
  if (source !== "" && target !== "") return sent;
  const cells = await state.topo.list("cells");
  const other = (cell: string) => cell || cells[0] || "";
  const [forSource, forTarget] = state.profile.vdiff.externalSources
    ? [cells.join(","), cells.join(",")]
    : [other(target), other(source)];
  return {
    ...sent,
    picker_options: { ...picker, source_cell: source || forSource, target_cell: target || forTarget },
  };
}
