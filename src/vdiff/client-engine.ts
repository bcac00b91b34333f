import type { Context } from "../context.js";
import { compareChecksums, compareRows } from "./compare-tables.js";
import { inPhase } from "./phase.js";
import { prepareVdiff } from "./prepare.js";
import { hasDifferences, type Proof, type TableReport } from "./report.js";
import { proofOf, type VdiffRequest } from "./request.js";
import { TableProgress } from "./table-progress.js";

export interface VdiffResult {
  keyspace: string;
  workflow: string;
  /** By what equal rows were found to be equal. */
  proof: Proof;
  tables: TableReport[];
  hasDifferences: boolean;
  /** False when -limit or -tables left something out. */
  complete: boolean;
  /** The workflow's tables of which nothing was compared. */
  uncomparedTables: string[];
  seconds: number;
}

/**
 * Compares the rows of a workflow's tables from here, without the tablets' own VDiff, in the order of their names, several
 * at once. Works on tablets of v11 and later. The union of what source shards have is compared with that of
 * the target's, as VDiff v1 did in vtctld (go/vt/wrangler/vdiff.go). Where rows are read, it is also looked at which shard of the
 * target they lie on.
 *
 * Errors: NotFoundError (no such workflow, table, tablet), ConflictError (frozen, stopped, copying, held by
 * another), PreflightError (tables that can't be compared), StillRunningError and UnreachableError (a wait
 * was over), FailedError.
 */
export async function runVdiff(ctx: Context, request: VdiffRequest): Promise<VdiffResult> {
  const startedAt = ctx.clock.now().getTime();
  const { run, plans, leftOut } = await inPhase(ctx.log, "Look at the workflow and its tables", () =>
    prepareVdiff(ctx, request),
  );
  const { keyspace, workflow } = request;
  const proof = proofOf(request);
  const progress = new TableProgress(ctx.io.progress(), plans);
  try {
    const compare = proof === "rows" ? compareRows : compareChecksums;
    const tables = await compare(run, plans, request, progress);
    const untouched = tables.filter(({ whole, processedRows }) => !whole && processedRows === 0);
    return {
      keyspace,
      workflow,
      proof,
      tables,
      hasDifferences: tables.some(hasDifferences),
      complete: leftOut.length === 0 && tables.every(({ whole }) => whole),
      uncomparedTables: [...leftOut, ...untouched.map(({ table }) => table)].sort(),
      seconds: Math.floor((ctx.clock.now().getTime() - startedAt) / 1000),
    };
  } finally {
    progress.done();
  }
}
