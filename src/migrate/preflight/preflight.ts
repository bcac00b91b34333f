import type { Context } from "../../context.js";
import { type CreateRequest, requireGoodRequest } from "../create/request.js";
import type { CheckReport } from "./check.js";
import { Facts, type Known } from "./facts.js";
import { runChecks } from "./runner.js";

/**
 * All checks, whatever they say: failures are results. UsageError for a request that is wrong in itself, before anything
 * is opened; the signal's reason. Nothing is changed but for the probe streams, which are deleted again.
 */
export async function runPreflight(ctx: Context, request: CreateRequest): Promise<CheckReport[]> {
  requireGoodRequest(request);
  const checked = await runChecks(new Facts(ctx, request, ctx.signal), { inCreate: false, dryRun: request.dryRun });
  return checked.map(({ report }) => report);
}

/**
 * What Create has not decided itself when it has looked at both clusters (`seen`). The first failure is thrown as it is;
 * UnreachableError and PreflightError.
 */
export async function checkBeforeCreate(
  ctx: Context,
  request: CreateRequest,
  seen: Partial<Known>,
): Promise<CheckReport[]> {
  const settings = { inCreate: true, dryRun: request.dryRun };
  const checked = await runChecks(new Facts(ctx, request, ctx.signal, seen), settings);
  const [failure] = checked.flatMap(({ error }) => error ?? []);
  if (failure !== undefined) throw failure;
  return checked.map(({ report }) => report);
}
