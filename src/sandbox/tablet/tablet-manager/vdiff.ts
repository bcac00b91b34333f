/** VDiff's reading and deleting actions over `_vt.vdiff` (go/vt/vttablet/tabletmanager/vdiff/action.go). */
import { status } from "@grpc/grpc-js";
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { encodeResult, records } from "../../../wire/result.js";
import { sqlString } from "../../../wire/sql.js";
import type { Session } from "../../mysql/port.js";
import { TabletError } from "../errors.js";
import type { UnaryMethod } from "../server.js";
import type { TabletState } from "../state.js";

type Request = MessageOutput<"tabletmanagerdata.VDiffRequest">;
type Response = MessageInput<"tabletmanagerdata.VDiffResponse">;

export function vdiff(state: TabletState): UnaryMethod<Request, Response> {
  return (request) => {
    const session = state.mysql.session({ database: state.dbName });
    try {
      switch (request.action) {
        case "show":
          return show(session, request, state.profile.sidecar.vdiffLastError);
        case "delete":
          if (state.profile.sidecar.vdiffLastError) return remove(session, request);
          break;
        case "create":
        case "resume":
        case "stop":
          throw new TabletError(status.UNIMPLEMENTED, `VDiff ${request.action} is not available on this tablet`);
      }
      throw new Error(`action ${request.action} not supported`);
    } finally {
      session.close();
    }
  };
}

function ofWorkflow({ keyspace, workflow }: Request): string {
  return `from _vt.vdiff where keyspace = ${sqlString(keyspace)} and workflow = ${sqlString(workflow)}`;
}

function show(session: Session, request: Request, hasLastError: boolean): Response {
  if (request.action_arg === "all") {
    return { output: encodeResult(session.execute(`select * ${ofWorkflow(request)} order by id desc limit 100`)) };
  }
  const chosen =
    request.action_arg === "last"
      ? `${ofWorkflow(request)} order by id desc limit 1`
      : `${ofWorkflow(request)} and vdiff_uuid = ${sqlString(request.action_arg)}`;
  const [found] = records(session.execute(`select id, vdiff_uuid ${chosen}`));
  if (found === undefined) return {};
  const lastError = hasLastError ? "vd.last_error as last_error, " : "";
  const summary = session.execute(
    `select vd.state as vdiff_state, ${lastError}vdt.table_name as table_name, vd.vdiff_uuid as 'uuid', ` +
      "vdt.state as table_state, vdt.table_rows as table_rows, vd.started_at as started_at, " +
      "vdt.rows_compared as rows_compared, vd.completed_at as completed_at, " +
      "IF(vdt.mismatch = 1, 1, 0) as has_mismatch, vdt.report as report " +
      `from _vt.vdiff as vd left join _vt.vdiff_table as vdt on (vd.id = vdt.vdiff_id) where vd.id = ${found.id}`,
  );
  return { output: encodeResult(summary), vdiff_uuid: found.vdiff_uuid ?? "" };
}

function remove(session: Session, request: Request): Response {
  const chosen = request.action_arg === "all" ? "" : ` and vdiff_uuid = ${sqlString(request.action_arg)}`;
  const ids = records(session.execute(`select id ${ofWorkflow(request)}${chosen}`)).map(({ id }) => id);
  if (ids.length === 0) return {};
  const list = ids.join(", ");
  for (const [table, column] of [
    ["vdiff_table", "vdiff_id"],
    ["vdiff_log", "vdiff_id"],
    ["vdiff", "id"],
  ]) {
    session.execute(`delete from _vt.${table} where ${column} in (${list})`);
  }
  return {};
}
