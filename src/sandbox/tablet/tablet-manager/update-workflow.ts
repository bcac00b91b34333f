/** UpdateVReplicationWorkflow (go/vt/vttablet/tabletmanager/rpc_vreplication.go, v18 and v22). */
import { formatBinlogSource, parseBinlogSource } from "../../../wire/binlog-source.js";
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { records } from "../../../wire/result.js";
import { sqlString } from "../../../wire/sql.js";
import type { UnaryMethod } from "../server.js";
import type { TabletState } from "../state.js";
import type { Engine } from "../vreplication/engine.js";
import { parseTabletTypes } from "../vreplication/picker.js";
import type { StreamRow } from "../vreplication/store.js";

type Request = MessageOutput<"tabletmanagerdata.UpdateVReplicationWorkflowRequest">;
type Response = MessageInput<"tabletmanagerdata.UpdateVReplicationWorkflowResponse">;

/** How a request says that a value stays (go/textutil/strings.go). */
const SAME = -1;
const SAME_CELLS = "NULL";

export function updateWorkflow(state: TabletState, engine: Engine): UnaryMethod<Request, Response> {
  return async (request) => {
    const where = `workflow = ${sqlString(request.workflow)}`;
    const rows = records(await engine.execute(`select * from _vt.vreplication where ${where}`));
    if (rows.length === 0) return {};
    const complete = withDefaults(request, state);
    let affected = 0;
    for (const row of rows) {
      const frozen = complete.state === "Running" && row.message?.toUpperCase() === "FROZEN";
      if (frozen) throw new Error("cannot start a workflow when it is frozen");
      const changed = { ...row, ...change(row, complete, state) };
      if (changed.state === "Running" && (await isCopying(engine, row))) changed.state = "Copying";
      const set = ["state", "source", "cell", "tablet_types", "message"]
        .map((column) => `${column} = ${sqlString(changed[column] ?? "")}`)
        .join(", ");
      affected += (await engine.execute(`update _vt.vreplication set ${set} where id = ${row.id}`)).rowsAffected;
    }
    return { result: { rows_affected: affected } };
  };
}

/** Until v21 the fields are not optional: what is left out is the zero value. */
function withDefaults(request: Request, { profile }: TabletState): Request {
  if (profile.partialUpdates) return request;
  return { tablet_selection_preference: "ANY", on_ddl: "IGNORE", state: "Unknown", ...request };
}

function change(row: StreamRow, request: Request, { profile }: TabletState): StreamRow {
  const { cells, on_ddl: onDdl, tablet_selection_preference: preference } = request;
  const before =
    row.tablet_types === "" ? { types: [], inOrder: false } : parseTabletTypes(row.tablet_types ?? "", profile);
  const types = request.tablet_types.some((type) => isSame(type)) ? before.types : request.tablet_types;
  const inOrder = preference === "INORDER" || (preference === "UNKNOWN" && before.inOrder);
  const source = parseBinlogSource(row.source ?? "");
  return {
    source: formatBinlogSource(onDdl === undefined || isSame(onDdl) ? source : { ...source, onDdl }),
    tablet_types: (inOrder ? "in_order:" : "") + types.map((type) => type.toLowerCase()).join(","),
    ...(cells.length === 1 && cells[0] === SAME_CELLS ? {} : { cell: cells.join(",") }),
    ...(request.state === undefined || isSame(request.state) ? {} : { state: request.state }),
    ...(request.message === undefined || !profile.partialUpdates ? {} : { message: request.message }),
  };
}

function isSame(value: string | number): boolean {
  return value === SAME;
}

async function isCopying(engine: Engine, { id }: StreamRow): Promise<boolean> {
  return (await engine.execute(`select * from _vt.copy_state where vrepl_id = ${id}`)).rows.length > 0;
}
