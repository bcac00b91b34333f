import { expect, test } from "vitest";
import { FailedError, NotFoundError, UnreachableError } from "../../../src/errors.js";
import { NoSuchCallError } from "../../../src/tablet/port.js";
import type { Place } from "./place.js";
import { failureOf } from "./raw.js";

/** Whether a tablet is there, what it is, and which calls its release has. */
export function answersContract(place: () => Place): void {
  test("a ping is answered", async () => {
    await place().source.ping();
    await place().replica.ping();
  });

  test("health says what the tablet serves as, which is what a stream's choice of a source goes by", async () => {
    expect(await place().source.health()).toEqual({ serving: true, type: "PRIMARY", error: "" });
    expect(await place().replica.health()).toEqual({ serving: true, type: "REPLICA", error: "" });
  });

  test("a call that the release doesn't have is told apart from one that fails", async () => {
    const { target } = place();
    expect(await target.hasWorkflowRpcs()).toBe(place().since([11, false], [18, true]));
    const vdiff = target.vdiff({ keyspace: "commerce", workflow: "absent", action: "show", actionArg: "all" });
    if (place().since([11, false], [14, true])) expect((await vdiff).output.rows).toEqual([]);
    else await expect(vdiff).rejects.toThrow(NoSuchCallError);
  });

  test("only a primary has streams and VDiffs", async () => {
    const { replica } = place();
    const streams = replica.vreplicationExec("select * from _vt.vreplication where id = 0");
    await expect(streams).rejects.toThrow(FailedError);
    await expect(streams).rejects.toThrow(`tablet ${replica.record.alias}: vreplication engine is closed`);
    const vdiff = replica.vdiff({ keyspace: "commerce", workflow: "absent", action: "show", actionArg: "last" });
    const type = place().since<new (...args: never[]) => Error>([11, NotFoundError], [14, UnreachableError]);
    await expect(vdiff).rejects.toThrow(type);
  });

  test("a tablet can be asked to read its record and its schema again", async () => {
    await place().source.refreshState();
    await place().source.reloadSchema();
  });

  test("what is meant for another tablet is refused", async () => {
    const { source } = place();
    const other = place().rawFor({ ...source.record, type: "REPLICA" });
    const primary = place().since([11, "MASTER"], [14, "PRIMARY"]);
    const refused = { code: 9, details: `wrong tablet type: REPLICA, want: ${primary} or []` };
    expect(await failureOf(other.execute("select 1 from dual"))).toEqual(refused);
    expect(await failureOf(other.rows("select * from t"))).toEqual(refused);
    const elsewhere = place().rawFor({ ...source.record, shard: "-80" });
    expect(await failureOf(elsewhere.execute("select 1 from dual"))).toEqual({
      code: 3,
      details: "invalid shard -80 does not match expected 0",
    });
  });
}
