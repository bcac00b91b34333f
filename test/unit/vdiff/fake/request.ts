import type { VdiffRequest } from "../../../../src/vdiff/request.js";

/** A comparison of every row of the workflow that the fake clusters have. */
export const request: VdiffRequest = {
  keyspace: "commerce",
  workflow: "wf",
  tables: [],
  sourceCells: [],
  targetCells: [],
  tabletTypes: "in_order:RDONLY,REPLICA,PRIMARY",
  waitMs: 2000,
  lockMs: 30_000,
  limit: Number.MAX_SAFE_INTEGER,
  maxSuspects: 100_000,
  full: true,
  parallel: 4,
  waitForCopyMs: undefined,
  onlyPks: false,
  debugQuery: false,
};
