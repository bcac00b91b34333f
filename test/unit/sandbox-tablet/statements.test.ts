import { describe, expect, it } from "vitest";
import { profiles } from "../../../src/sandbox/tablet/profiles.js";
import { planStatement } from "../../../src/sandbox/tablet/vreplication/statements.js";

const { v11, v14, v18, v22 } = profiles;
const refusal = (sql: string, profile = v22) => {
  try {
    planStatement(sql, profile);
    return "accepted";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("VReplicationExec's statements", () => {
  it("accepts what Vitess's own tools send", () => {
    const insert =
      "insert into _vt.vreplication(workflow, source, state) values ('wf', 'keyspace:\\\"c\\\" f:\\'x\\'', 'Stopped')";
    expect(planStatement(insert, v11).kind).toBe("insert");
    expect(planStatement("select 1 from _vt.vreplication where db_name='x' and workflow='y'", v11).kind).toBe("select");
    const newest =
      "select vrepl_id, table_name, lastpk from _vt.copy_state where vrepl_id in (11) and id in (select max(id) from _vt.copy_state where vrepl_id in (11) group by vrepl_id, table_name)";
    expect(planStatement(newest, v22).kind).toBe("select");
    expect(planStatement("insert into _vt.resharding_journal(id, val) values (1, 'x')", v22).kind).toBe("other");
  });

  it("cuts an update before its WHERE without touching a literal", () => {
    const sql = "update _vt.vreplication set message='it\\'s where \"x\"' where (db_name='x' or id=2) and id=3";
    expect(planStatement(sql, v22)).toEqual({
      kind: "update",
      set: "update _vt.vreplication set message='it\\'s where \"x\"'",
      where: " where (db_name='x' or id=2) and id=3",
    });
  });

  it("gives the tables' names as each version does", () => {
    expect(refusal("select * from _vt.nope", v22)).toBe("invalid table name: nope");
    expect(refusal("select * from _vt.nope", v14)).toBe("invalid table name: _vt.nope");
    expect(refusal("select * from other.vreplication", v18)).toBe("invalid database name: other");
    expect(refusal("select * from _vt.vreplication v", v11)).toBe("invalid table name: _vt.vreplication");
    expect(refusal("select * from _vt.vreplication v", v18)).toBe("accepted");
    expect(refusal("update _vt.copy_state set lastpk = null where vrepl_id = 1", v18)).toBe(
      "invalid table name: copy_state",
    );
  });

  it("words syntax errors as Vitess's parser does", () => {
    expect(refusal("selekt 1")).toBe("syntax error at position 7 near 'selekt'");
    expect(refusal("select * frm x")).toBe("syntax error at position 13 near 'frm'");
  });

  it.each([
    ["replace into _vt.vreplication(workflow) values ('x')", "unsupported construct"],
    ["insert ignore into _vt.vreplication(workflow) values ('x')", "unsupported construct"],
    ["insert into _vt.vreplication(workflow) values ('x') on duplicate key update id=1", "unsupported construct"],
    ["insert into _vt.vreplication(workflow) select 'x' from dual", "unsupported construct"],
    ["insert into _vt.vreplication(id, workflow) values (3, 'x')", "id should not have a value"],
    ["insert into _vt.vreplication(id, workflow) values (null, 'x')", "accepted"],
    ["insert into _vt.vreplication(workflow, id) values ('x')", "malformed statement"],
    ["update _vt.vreplication set id = 3 where id = 2", "id cannot be changed"],
    ["update _vt.vreplication set state = 'x' where id = 2 limit 1", "unsupported construct"],
    ["delete from _vt.vreplication where id = 2 order by id", "unsupported construct"],
    ["drop table _vt.vreplication", "unsupported construct"],
    ["truncate table _vt.vreplication", "unsupported construct"],
  ])("%s: %s", (sql, outcome) => {
    expect(refusal(sql)).toContain(outcome);
  });

  it("wants selective writes from v19 on", () => {
    const sql = "update _vt.vreplication set state='Running' where db_name='x'";
    expect(refusal(sql, v18)).toBe("accepted");
    expect(refusal(sql, v22)).toContain(
      "unsafe WHERE clause in update without the /*vt+ ALLOW_UNSAFE_VREPLICATION_WRITE */ comment directive:  where db_name='x'",
    );
    expect(refusal("delete from _vt.vreplication", v22)).toContain("unsafe WHERE clause in delete");
    expect(refusal("delete from _vt.vreplication where id in (1, 2)", v22)).toBe("accepted");
    expect(refusal("delete from _vt.vreplication where id = 1 or db_name = 'x'", v22)).toContain("unsafe");
    const directed = "update /*vt+ ALLOW_UNSAFE_VREPLICATION_WRITE */ _vt.vreplication set state='Running'";
    expect(refusal(directed, v22)).toBe("accepted");
  });
});
