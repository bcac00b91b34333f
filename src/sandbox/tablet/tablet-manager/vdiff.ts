/** The VDiff RPC (go/vt/vttablet/tabletmanager/vdiff/action.go). */
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { encodeResult, type ResultSet } from "../../../wire/result.js";
import { sqlString } from "../../../wire/sql.js";
import type { UnaryMethod } from "../server.js";
import type { VDiffEngine } from "../vdiff/engine.js";
import { createVDiff, onTablet, resumeVDiffOf } from "../vdiff/schedule.js";
import { parseUuid } from "../vdiff/uuid.js";

type Request = MessageOutput<"tabletmanagerdata.VDiffRequest">;
type Response = MessageInput<"tabletmanagerdata.VDiffResponse">;

const NEWEST = 100;

export function vdiff(engine: VDiffEngine): UnaryMethod<Request, Response> {
  return async (request) => {
    // A closed engine refuses whatever it is asked.
    void engine.store;
    const { lifecycle } = engine.state.profile.vdiff;
    const action = lifecycle ? request.action : request.action.toLowerCase();
    const { vdiff_uuid } = request;
    switch (action) {
      case "create":
        return { id: await createVDiff(engine, request), vdiff_uuid };
      case "resume":
        return { id: await resumeVDiffOf(engine, request), vdiff_uuid };
      case "show":
        return show(engine, request);
      case "stop":
        if (!lifecycle) break;
        await engine.stop(vdiff_uuid);
        return {};
      case "delete":
        if (!lifecycle) break;
        await remove(engine, request);
        return {};
    }
    throw new Error(`action ${action} not supported`);
  };
}

function ofWorkflow({ keyspace, workflow }: Request): string {
  return `keyspace = ${sqlString(keyspace)} and workflow = ${sqlString(workflow)}`;
}

async function show(engine: VDiffEngine, request: Request): Promise<Response> {
  const { store, state } = engine;
  const { lifecycle, showsOneWorkflow } = state.profile.vdiff;
  const { keyspace, workflow, action_arg: argument } = request;
  if (argument === "all") {
    const rows = showsOneWorkflow
      ? `where ${ofWorkflow(request)} order by id desc limit ${NEWEST}`
      : "order by id desc";
    return { output: encodeResult(await query(engine, `select * from _vt.vdiff ${rows}`)) };
  }
  const [last] = argument === "last" ? await store.select(`${ofWorkflow(request)} order by id desc limit 1`) : [];
  if (argument === "last" && last === undefined) return {};
  const uuid = last?.vdiff_uuid ?? parseUuid(argument);
  if (uuid === undefined) throw new Error(`action argument ${argument} not supported`);
  const [found] = await store.select(`${ofWorkflow(request)} and vdiff_uuid = ${sqlString(uuid)}`);
  if (found === undefined) {
    const whose = `keyspace ${keyspace} and workflow ${workflow}`;
    throw new Error(
      lifecycle
        ? `no vdiff found for UUID ${uuid} ${whose}${onTablet(state)}`
        : `no vdiff found for ${whose}: select * from _vt.vdiff where ${ofWorkflow(request)} and vdiff_uuid = '${uuid}'`,
    );
  }
  return { output: encodeResult(await query(engine, summary(lifecycle, found.id ?? ""))), vdiff_uuid: uuid };
}

/** A row for each table; from v15 on one without a table as long as there is none. */
function summary(lifecycle: boolean, id: string): string {
  const lastError = lifecycle ? "vd.last_error as last_error, " : "";
  return (
    `select vd.state as vdiff_state, ${lastError}vdt.table_name as table_name, vd.vdiff_uuid as 'uuid', ` +
    "vdt.state as table_state, vdt.table_rows as table_rows, vd.started_at as started_at, " +
    "vdt.rows_compared as rows_compared, vd.completed_at as completed_at, " +
    "IF(vdt.mismatch = 1, 1, 0) as has_mismatch, vdt.report as report " +
    `from _vt.vdiff as vd ${lifecycle ? "left" : "inner"} join _vt.vdiff_table as vdt on (vd.id = vdt.vdiff_id) ` +
    `where vd.id = ${id}`
  );
}

function query({ store }: VDiffEngine, sql: string): Promise<ResultSet> {
  return store.run((execute) => execute(sql));
}

/** By its UUID one goes whatever its workflow, and its log stays. */
async function remove(engine: VDiffEngine, request: Request): Promise<void> {
  const { action_arg: argument } = request;
  if (argument === "all") {
    await engine.delete(ofWorkflow(request), true);
    return;
  }
  const uuid = parseUuid(argument);
  if (uuid === undefined) throw new Error(`action argument ${argument} not supported`);
  const where = `vdiff_uuid = ${sqlString(uuid)}`;
  if ((await engine.store.select(where)).length === 0) {
    throw new Error(`no vdiff found for UUID ${uuid}${onTablet(engine.state)}`);
  }
  await engine.delete(where, false);
}
