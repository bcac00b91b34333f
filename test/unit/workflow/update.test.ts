/** Workflow's actions that change a workflow's rows, on tablets of each version. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrate } from "../../../src/commands/migrate/index.js";
import { workflow } from "../../../src/commands/workflow/index.js";
import { PreflightError } from "../../../src/errors.js";
import { Lab, rows, sql } from "../../support/lab.js";
import { type LabContext, labContext } from "../../support/lab-context.js";
import { run } from "../../support/run-command.js";

describe.each(["v11", "v16", "v18", "v22"] as const)("a target of %s", (version) => {
  let lab: Lab;
  let context: LabContext;
  const byStatements = version === "v11" || version === "v16";
  // v11 has no preference, and another word for a primary.
  const types = (first: string, second: string) =>
    version === "v11" ? `${first},${second}`.replace("primary", "master") : `in_order:${first},${second}`;

  beforeAll(async () => {
    lab = await Lab.start({ targetProfile: version, rows: 5 });
    context = await labContext(lab);
    await run(
      migrate,
      ["-all", "-on-ddl", "EXEC", "-source", "ext1.commerce", "Create", "commerce.wf", "-wait"],
      context.ctx,
    );
  }, 60_000);

  afterAll(async () => {
    context.close();
    await lab.close();
  });

  const type = (...words: string[]) => run(workflow, ["commerce.wf", ...words], context.ctx);
  const stream = () => lab.streams()[0] ?? {};
  const oneRow = { tablets: [{ tablet: "zone1-0000000100", rowsAffected: 1 }] };

  /** What is written to the source now arrives. */
  async function replicates(sku: string): Promise<void> {
    sql(lab.primary("source"), `insert into product values ('${sku}', 'new', 1)`);
    await expect
      .poll(() => rows(lab.primary("target"), "product"), { timeout: 10_000 })
      .toEqual(rows(lab.primary("source"), "product"));
  }

  it("update changes what is typed, leaves the rest, and the stream goes on", async () => {
    const { state, source = "", workflow: name, cell } = stream();
    expect({ state, source }).toEqual({ state: "Running", source: expect.stringContaining(" on_ddl:EXEC") });
    expect(await type("update", "-tablet-types", "rdonly,primary")).toMatchObject(oneRow);
    // The preference that Create has written stays.
    expect(stream()).toMatchObject({ cell, tablet_types: types("rdonly", "primary"), state, source, workflow: name });
    const note =
      "zone1-0000000100 has no UpdateVReplicationWorkflow (v18 and later): its streams were changed row by row.";
    expect(context.notes.includes(note)).toBe(byStatements);
    await replicates("a");

    expect(await type("update", "-on-ddl", "exec_ignore", "-cells", "")).toMatchObject(oneRow);
    expect(context.notes.at(byStatements ? -2 : -1)).toContain("the source cluster has no cell zone1");
    expect(stream()).toMatchObject({ cell: "", tablet_types: types("rdonly", "primary"), state });
    expect(stream().source?.replace(" on_ddl:EXEC_IGNORE", "")).toBe(source?.replace(" on_ddl:EXEC", ""));
    await type("update", "-on-ddl", "IGNORE", "-cells", "zx");
    expect(stream()).toMatchObject({ cell: "zx", source: source?.replace(" on_ddl:EXEC", ""), state });
    await replicates("b");
  });

  it("a stopped stream stays stopped", async () => {
    await type("stop");
    expect(await type("update", "-tablet-types", "in_order:primary,replica")).toMatchObject(oneRow);
    expect(stream()).toMatchObject({ state: "Stopped", tablet_types: types("primary", "replica") });
    await type("start");
    await replicates("c");
  });

  it("tags are stored where streams have some", async () => {
    if (version === "v11") {
      await expect(type("tags", "a=b")).rejects.toThrow(PreflightError);
      return;
    }
    expect(await type("tags", "a=b")).toMatchObject(oneRow);
    expect(stream()).toMatchObject({ tags: "a=b", state: "Running" });
  });
});
