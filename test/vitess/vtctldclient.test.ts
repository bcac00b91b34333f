/** A workflow begun by us and finished by Vitess's own tools, and the other way round. */
import { expect, it } from "vitest";
import { commerceTables } from "../../src/sandbox/commerce.js";
import { describeVitess, withFreshTarget } from "./lab.js";

const tables = [...commerceTables].sort();
const workflow = ["--workflow", "wf", "--target-keyspace", "commerce"];

describeVitess("beside Vitess's own tools", (lab) => {
  withFreshTarget(lab);

  const target = () => lab.primary("target", "commerce");
  const announced = async () => JSON.parse((await lab.must("GetVSchema commerce")).stdout).tables ?? {};

  it("vtctldclient shows, stops and starts what we began", async () => {
    await lab.must("Migrate -all -source ext1.commerce Create commerce.wf");
    await lab.following("commerce");
    const shown = JSON.parse(
      await lab.vtctldclient("target", "Workflow", "--keyspace", "commerce", "show", "--workflow", "wf"),
    );
    expect(shown.workflows[0]).toMatchObject({ name: "wf", workflow_type: "Migrate" });
    await lab.vtctldclient("target", "Workflow", "--keyspace", "commerce", "stop", "--workflow", "wf");
    expect((await lab.streams("commerce"))[0]?.state).toBe("Stopped");
    await lab.must("Workflow commerce.wf start");
    await lab.following("commerce");
  });

  it("vtctldclient completes what we began, and ours says so", async () => {
    await lab.must("Migrate -all -source ext1.commerce Create commerce.wf");
    await lab.following("commerce");
    await lab.vtctldclient("target", "Migrate", ...workflow, "complete");
    expect(await lab.streams("commerce")).toEqual([]);
    expect(Object.keys(await announced()).sort()).toEqual(tables);
    const cancel = await lab.type("Migrate Cancel commerce.wf");
    expect(await lab.tables(target()), cancel.stderr).toEqual(tables);
    const again = await lab.type("Migrate Complete commerce.wf");
    expect(again.code, again.stderr).toBe(6);
  });

  it("vtctldclient cancels what we began, and a new Create goes through", async () => {
    await lab.must("Migrate -all -source ext1.commerce Create commerce.wf");
    await lab.following("commerce");
    await lab.vtctldclient("target", "Migrate", ...workflow, "cancel");
    expect(await lab.streams("commerce")).toEqual([]);
    expect(await lab.tables(target())).toEqual([]);
    await lab.must("Migrate -all -source ext1.commerce Create commerce.wf");
    await lab.following("commerce");
  });

  async function createdByVtctldclient(): Promise<void> {
    const create = ["create", "--source-keyspace", "commerce", "--mount-name", "ext1", "--all-tables", "--cells", "zx"];
    await lab.vtctldclient("target", "Migrate", ...workflow, ...create);
    await lab.following("commerce");
  }

  it("we show, compare and complete what vtctldclient began, and the application's queries pass", async () => {
    await createdByVtctldclient();
    const show = JSON.parse((await lab.must("Workflow commerce.wf Show")).stdout);
    expect(show.SourceLocation).toEqual({ Keyspace: "commerce", Shards: ["0"] });
    const diff = await lab.type("VDiff commerce.wf");
    expect(diff, diff.stderr).toMatchObject({ code: 0 });
    await lab.must("Migrate Complete commerce.wf");
    expect(await lab.streams("commerce")).toEqual([]);
    expect(Object.keys(await announced()).sort()).toEqual(tables);
    const gate = await lab.gate("target", "commerce");
    const [rows] = await gate.query("select count(*) as n from customer");
    await gate.end();
    expect(rows).toEqual([{ n: 200 }]);
  });

  it("Cancel of what vtctldclient began wants -keep_data or -force", async () => {
    await createdByVtctldclient();
    const refused = await lab.type("Migrate Cancel commerce.wf");
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain("-keep_data");
    expect(await lab.streams("commerce")).toHaveLength(1);
    await lab.must("Migrate -keep_data Cancel commerce.wf");
    expect(await lab.streams("commerce")).toEqual([]);
    expect(await lab.tables(target())).toEqual(tables);
  });
});
