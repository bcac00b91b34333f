import { expect, test } from "vitest";
import { FailedError } from "../../../src/errors.js";
import { readCapabilities } from "../../../src/tablet/capabilities.js";
import { records } from "../../../src/wire/result.js";
import type { Place } from "./place.js";
import { insertStatement } from "./stream.js";

const FIRST_COLUMNS = [
  ["id", "INT32"],
  ["workflow", "VARBINARY"],
  ["source", "BLOB"],
  ["pos", "VARBINARY"],
  ["stop_pos", "VARBINARY"],
  ["max_tps", "INT64"],
  ["max_replication_lag", "INT64"],
  ["cell", "VARBINARY"],
  ["tablet_types", "VARBINARY"],
  ["time_updated", "INT64"],
  ["transaction_timestamp", "INT64"],
  ["state", "VARBINARY"],
  ["message", "VARBINARY"],
  ["db_name", "VARBINARY"],
  ["rows_copied", "INT64"],
];
const SINCE_V12 = [
  ["tags", "VARBINARY"],
  ["time_heartbeat", "INT64"],
  ["workflow_type", "INT32"],
  ["time_throttled", "INT64"],
  ["component_throttled", "VARCHAR"],
];
const SINCE_V16 = [
  ["workflow_sub_type", "INT32"],
  ["defer_secondary_keys", "INT8"],
];

/** Which statements VReplicationExec takes, what it answers to them, and in which words it refuses. */
export function execContract(place: () => Place): void {
  /** The tablet's sentence. */
  const refusalOf = async (query: string): Promise<string> => {
    try {
      await place().target.vreplicationExec(query);
    } catch (error) {
      expect(error).toBeInstanceOf(FailedError);
      return (error as Error).message.replace(`tablet ${place().target.record.alias}: `, "");
    }
    return "accepted";
  };

  test("a select describes the columns of its table without a row", async () => {
    const { fields, rows } = await place().target.vreplicationExec("select * from _vt.vreplication where id = 0");
    expect(rows).toEqual([]);
    const options = ["options", place().jsonType];
    const columns = place().since(
      [11, FIRST_COLUMNS],
      [14, [...FIRST_COLUMNS, ...SINCE_V12]],
      [16, [...FIRST_COLUMNS, ...SINCE_V12, ...SINCE_V16]],
      [22, [...FIRST_COLUMNS, ...SINCE_V12, ["reason_throttled", "VARCHAR"], ...SINCE_V16, options]],
    );
    // Of the newest, positions are BLOBs.
    const positions = ["pos", "stop_pos"];
    const blobs = place().since([11, false], [23, true]);
    const expected = columns.map(([name = "", type]) => [name, blobs && positions.includes(name) ? "BLOB" : type]);
    expect(fields.map(({ name, type }) => [name, type])).toEqual(expected);
    expect(fields.every(({ table, database }) => table === "vreplication" && database === "_vt")).toBe(true);
    const { maxSourceBytes } = await readCapabilities(place().target);
    expect(maxSourceBytes).toBe(place().since([11, 65_535], [14, 16_777_215]));
  });

  test("several streams can be inserted, changed and deleted at once", async () => {
    const { target } = place();
    const workflow = place().name("wf");
    const one = insertStatement(place(), workflow, { tables: ["nothing"] });
    const [values = ""] = /\([^()]*(?:\([^()]*\)[^()]*)*\)$/.exec(one) ?? [];
    const inserted = await target.vreplicationExec(`${one}, ${values}`);
    expect(inserted).toMatchObject({ fields: [], rows: [], rowsAffected: 2 });
    const first = Number(inserted.insertId);
    const query = `select id, state from _vt.vreplication where workflow='${workflow}' order by id`;
    expect(records(await target.vreplicationExec(query))).toEqual([
      { id: String(first), state: "Stopped" },
      { id: String(first + 1), state: "Stopped" },
    ]);
    const updated = await target.vreplicationExec(
      `update _vt.vreplication set message='both' where db_name='vt_commerce' and workflow='${workflow}'`,
    );
    expect(updated).toEqual({ fields: [], rows: [], rowsAffected: 2, insertId: 0n });
    const deleted = await target.vreplicationExec(`delete from _vt.vreplication where id in (${first}, ${first + 1})`);
    expect(deleted.rowsAffected).toBe(2);
    expect((await target.vreplicationExec(query)).rows).toEqual([]);
  });

  test("no stream changed or deleted is no error, whatever the columns", async () => {
    const nothing = { fields: [], rows: [], rowsAffected: 0, insertId: 0n };
    const { target } = place();
    for (const query of [
      "update _vt.vreplication set state='Running' where workflow='absent'",
      "update _vt.vreplication set nosuch=1 where id=999999",
      "delete from _vt.vreplication where workflow='absent'",
    ]) {
      expect(await target.vreplicationExec(query), query).toEqual(nothing);
    }
  });

  test("streams, their copies and their log can be read; other tables can't", async () => {
    const { target } = place();
    for (const table of ["vreplication", "copy_state", "vreplication_log", "resharding_journal"]) {
      expect((await target.vreplicationExec(`select count(*) from _vt.${table}`)).rows).toHaveLength(1);
    }
    const qualified = place().since([11, "_vt."], [18, ""]);
    for (const table of ["nosuch", "vdiff", "post_copy_action"]) {
      expect(await refusalOf(`select * from _vt.${table}`)).toBe(`invalid table name: ${qualified}${table}`);
    }
    expect(await refusalOf("select * from other.vreplication")).toBe(
      place().since([11, "invalid table name: other.vreplication"], [18, "invalid database name: other"]),
    );
    const join = "_vt.vreplication as v join _vt.copy_state as c on v.id = c.vrepl_id";
    expect(await refusalOf(`select count(*) from ${join}`)).toBe(
      place().since([11, `invalid table name: ${join}`], [18, `invalid FROM construct: ${join}`]),
    );
  });

  test("only streams can be written", async () => {
    const qualified = place().since([11, "_vt."], [18, ""]);
    for (const [query, table] of [
      ["update _vt.copy_state set lastpk=null where vrepl_id=1", "copy_state"],
      ["delete from _vt.copy_state where vrepl_id=1", "copy_state"],
      ["insert into _vt.vreplication_log(vrepl_id) values (1)", "vreplication_log"],
    ] as const) {
      expect(await refusalOf(query)).toBe(`invalid table name: ${qualified}${table}`);
    }
  });

  test.each([
    "replace into _vt.vreplication(workflow) values ('x')",
    "insert ignore into _vt.vreplication(workflow) values ('x')",
    "insert into _vt.vreplication(workflow) select 'x' from dual",
    "update _vt.vreplication set state = 'x' where id = 2 limit 1",
    "delete from _vt.vreplication where id = 2 order by id asc",
    "select id from _vt.vreplication union select id from _vt.vreplication",
    "drop table _vt.vreplication",
    "truncate table _vt.vreplication",
    "show tables",
    "set @x = 1",
  ])("%s is no construct that is supported", async (query) => {
    expect(await refusalOf(query)).toBe(`unsupported construct: ${query}`);
  });

  test("ids are the tablet's to give", async () => {
    const insert = "insert into _vt.vreplication(id, workflow) values (3, 'x')";
    expect(await refusalOf(insert)).toBe(`id should not have a value: ${insert}`);
    expect(await refusalOf("update _vt.vreplication set id = 3 where id = 2")).toBe("id cannot be changed: id = 3");
  });

  test("a change must name streams or workflows from v19 on", async () => {
    const refusal = await refusalOf("update _vt.vreplication set message='x' where db_name = 'nosuch'");
    expect(refusal).toBe(
      place().since(
        [11, "accepted"],
        [
          22,
          "unsafe WHERE clause in update without the /*vt+ ALLOW_UNSAFE_VREPLICATION_WRITE */ comment directive:  where " +
            "db_name = 'nosuch'; should be using = or in with at least one of the following columns: id, workflow",
        ],
      ),
    );
  });

  test("what the tablet's parser can't read, and what its MySQL refuses, is told", async () => {
    expect(await refusalOf("selekt 1")).toBe("syntax error at position 7 near 'selekt'");
    const unknown = "select nosuch from _vt.vreplication";
    expect(await refusalOf(unknown)).toMatch(
      /^Unknown column 'nosuch' in '(field list|SELECT)' \(errno 1054\) \(sqlstate 42S22\) during query: select nosuch from _vt\.vreplication$/,
    );
    const narrow = "insert into _vt.vreplication(workflow) values ('x','y')";
    expect(await refusalOf(narrow)).toBe(
      `Column count doesn't match value count at row 1 (errno 1136) (sqlstate 21S01) during query: ${narrow}`,
    );
    const incomplete = "insert into _vt.vreplication(workflow) values ('x')";
    expect(await refusalOf(incomplete)).toBe(
      `Field 'source' doesn't have a default value (errno 1364) (sqlstate HY000) during query: ${incomplete}`,
    );
  });
}
