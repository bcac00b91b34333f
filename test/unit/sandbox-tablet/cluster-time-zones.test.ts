import { afterEach, expect, it } from "vitest";
import { targetCluster } from "../../../src/sandbox/cluster/shape.js";
import { type Sandbox, startSandbox } from "../../../src/sandbox/cluster.js";
import { rows } from "./clusters.js";

let sandbox: Sandbox | undefined;
afterEach(() => sandbox?.close());

it("a cluster's MySQLs can do without time zone tables", async () => {
  sandbox = await startSandbox({ rows: 1, target: targetCluster({ timeZoneTables: false }) });
  const sql = "select convert_tz('2006-01-02 15:04:05', 'US/Pacific', 'UTC')";
  for (const tablet of sandbox.target.tablets) expect(rows(tablet, sql)).toEqual([[null]]);
  for (const tablet of sandbox.source.tablets) expect(rows(tablet, sql)).toEqual([["2006-01-02 23:04:05"]]);
});
