import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { ConflictError, FailedError, NotFoundError } from "../../../src/errors.js";
import { NoSuchCallError, type VDiffCall } from "../../../src/tablet/port.js";
import { records } from "../../../src/wire/result.js";
import { defaultCoreOptions } from "../../support/vdiff-core-options.js";
import { type Place, type Row, until } from "./place.js";
import { Stream } from "./stream.js";

const UNKNOWN = "00000000-1111-2222-3333-444444444444";

/** The tablets' own VDiff: v14 and later; its actions and their refusals, and how one goes, from v18 on. */
export function vdiffContract(place: () => Place): void {
  const has = (release: number) => place().under.release >= release;
  const call = (workflow: string, action: string, more: Partial<VDiffCall> = {}) =>
    place().target.vdiff({ keyspace: "commerce", workflow, action, ...more });
  const create = (workflow: string, uuid: string) =>
    call(workflow, "create", {
      uuid,
      options: {
        picker_options: {
          tablet_types: "in_order:REPLICA,PRIMARY",
          source_cell: place().cell,
          target_cell: place().under.target.primary.cell,
        },
        core_options: defaultCoreOptions,
        report_options: { format: "text" },
      },
    });
  const show = async (workflow: string, actionArg: string): Promise<Row[]> =>
    records((await call(workflow, "show", { actionArg })).output);
  const completed = (workflow: string, uuid: string) =>
    until(
      () => show(workflow, uuid),
      ([row]) => row?.vdiff_state === "completed",
      60_000,
    );
  const following = async () => {
    const name = place().name("compared");
    await place().createOnBoth(`create table ${name} (id int not null, body varchar(20), primary key (id))`);
    await place().sql("source", `insert into ${name} values (1, 'a'), (2, 'b'), (3, 'c')`);
    const stream = await Stream.start(place(), { tables: [name] });
    await stream.following();
    return { name, stream, workflow: stream.workflow };
  };

  test("of a workflow that has none, there is nothing to show", async () => {
    if (!has(14)) return;
    expect(await call("absent", "show", { actionArg: "last" })).toEqual({
      uuid: "",
      output: { fields: [], rows: [], rowsAffected: 0, insertId: 0n },
    });
    const { output } = await call("absent", "show", { actionArg: "all" });
    if (!has(18)) return;
    expect(output.rows).toEqual([]);
    expect(output.fields.slice(0, 3).map(({ name, type }) => [name, type])).toEqual([
      ["id", "INT64"],
      ["vdiff_uuid", "VARCHAR"],
      ["workflow", "VARBINARY"],
    ]);
  });

  test("unknown ones are not found, but stopping one is done", async () => {
    if (!has(14)) return;
    await expect(call("absent", "show", { actionArg: UNKNOWN })).rejects.toThrow(NotFoundError);
    await expect(call("absent", "show", { actionArg: "nonsense" })).rejects.toThrow(FailedError);
    if (!has(16)) {
      for (const action of ["stop", "delete"]) await expect(call("absent", action)).rejects.toThrow(NoSuchCallError);
      return;
    }
    await expect(call("absent", "resume", { uuid: UNKNOWN })).rejects.toThrow(NotFoundError);
    await expect(call("absent", "delete", { actionArg: UNKNOWN })).rejects.toThrow(NotFoundError);
    expect((await call("absent", "stop", { uuid: UNKNOWN })).uuid).toBe("");
    expect((await call("absent", "delete", { actionArg: "all" })).uuid).toBe("");
    const nonsense = call("absent", "nonsense");
    await expect(nonsense).rejects.toThrow(NoSuchCallError);
    await expect(nonsense).rejects.toThrow("action nonsense not supported");
  });

  test("an equal table's ends completed, with the streams running as before", async () => {
    if (!has(18)) return;
    const { name, stream, workflow } = await following();
    const uuid = randomUUID();
    expect((await create(workflow, uuid)).uuid).toBe(uuid);
    const rows = await completed(workflow, uuid);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      vdiff_state: "completed",
      last_error: "",
      table_name: name,
      uuid,
      table_state: "completed",
      rows_compared: "3",
      has_mismatch: "0",
    });
    expect(JSON.parse(rows[0]?.report ?? "")).toMatchObject({
      TableName: name,
      ProcessedRows: 3,
      MatchingRows: 3,
      MismatchedRows: 0,
      ExtraRowsSource: 0,
      ExtraRowsTarget: 0,
    });
    expect(await show(workflow, "last")).toEqual(rows);
    expect(await show(workflow, "all")).toMatchObject([{ vdiff_uuid: uuid, workflow, state: "completed" }]);
    await stream.until(({ state, message }) => state === "Running" && message === "");

    const again = create(workflow, uuid);
    await expect(again).rejects.toThrow(ConflictError);
    await expect(again).rejects.toThrow(`vdiff with UUID ${uuid} already exists on tablet`);
    await call(workflow, "stop", { uuid });
    expect(await show(workflow, uuid)).toEqual(rows);
    await call(workflow, "delete", { actionArg: uuid });
    await expect(show(workflow, uuid)).rejects.toThrow(NotFoundError);
  });

  test("differences are counted, and shown as the columns' texts", async () => {
    if (!has(18)) return;
    const { name, workflow } = await following();
    await place().sql("target", `update ${name} set body = 'x' where id = 2`);
    const uuid = randomUUID();
    await create(workflow, uuid);
    const [row] = await completed(workflow, uuid);
    expect(row).toMatchObject({ table_name: name, rows_compared: "3", has_mismatch: "1" });
    const report = JSON.parse(row?.report ?? "");
    expect(report).toMatchObject({ ProcessedRows: 3, MatchingRows: 2, MismatchedRows: 1 });
    expect(report.MismatchedRowsSample).toMatchObject([
      { Source: { Row: { id: "2", body: "b" } }, Target: { Row: { id: "2", body: "x" } } },
    ]);
    await call(workflow, "delete", { actionArg: "all" });
    expect(await show(workflow, "all")).toEqual([]);
  });

  test("a source cell that isn't there holds it and its streams until it is stopped; then it can be resumed or deleted", async () => {
    if (!has(18)) return;
    const { stream, workflow } = await following();
    const uuid = randomUUID();
    const picker_options = { tablet_types: "in_order:REPLICA", source_cell: "nowhere", target_cell: "nowhere" };
    const core_options = { auto_retry: true, max_rows: "1000", sample_pct: 100, timeout_seconds: 30 };
    await call(workflow, "create", { uuid, options: { picker_options, core_options, report_options: {} } });
    await until(
      () => show(workflow, uuid),
      ([row]) => row?.vdiff_state === "started" && row.table_state === "started",
    );
    await stream.until(({ state, message }) => state === "Stopped" && message === "for vdiff");
    await call(workflow, "stop", { uuid });
    await until(
      () => show(workflow, uuid),
      ([row]) => row?.vdiff_state === "stopped",
    );
    await stream.until(({ state, message }) => state === "Running" && message === "");
    await call(workflow, "delete", { actionArg: uuid });
  });
}
