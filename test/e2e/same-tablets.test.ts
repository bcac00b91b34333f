/** Two topologies that speak of the same tablet: nothing is created there, and nothing dropped. */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { Lab } from "../support/lab.js";
import { moveTablet } from "../support/tablet-record.js";

let lab: Lab;
beforeAll(async () => {
  lab = await Lab.start({ typesHere: true, rows: 5 });
}, 120_000);
afterAll(() => lab?.close());
afterEach(() => lab.clear());

const create = "Migrate -tables notes -tablet_types PRIMARY -source ext1.commerce Create commerce.wf";

/** The source's replica is where the target's primary is. */
async function shareATablet(): Promise<() => Promise<void>> {
  const { grpcAddress } = await lab.topo.tablet(lab.primary("target").alias);
  const port = Number(grpcAddress.split(":").at(-1));
  return moveTablet(lab, "zx-0000000002", port, await lab.topo.openMount("ext1"));
}

it("Create is refused", async () => {
  const back = await shareATablet();
  const before = await lab.everything();
  const result = await lab.type(create);
  expect(result).toMatchObject({ code: 9, stdout: "" });
  expect(result.stderr).toMatch(
    /^Migrate Error: source and target are the same tablet: 0\/zone1-0000000100 at 127\.0\.0\.1:\d+\nHint: Two topologies/m,
  );
  expect(await lab.everything()).toEqual(before);
  await back();
  expect((await lab.type(create)).code).toBe(0);
});

it("Cancel drops nothing there, and -keep_data ends the streams", async () => {
  expect((await lab.type(create)).code).toBe(0);
  const back = await shareATablet();
  const result = await lab.type("Migrate Cancel commerce.wf");
  expect(result).toMatchObject({ code: 7, stdout: "" });
  expect(result.stderr).toMatch(
    /^Migrate Error: the tables are also the source's: it has 0\/zone1-0000000100 as well\nHint: -keep_data/m,
  );
  expect(lab.targetTables()).toEqual(["notes"]);
  expect(lab.streams()).toHaveLength(1);
  const kept = await lab.type("Migrate -keep_data Cancel commerce.wf");
  expect(kept.code, kept.stderr).toBe(0);
  expect(lab.targetTables()).toEqual(["notes"]);
  expect(lab.streams()).toEqual([]);
  await back();
});
