import type { Context } from "../../context.js";
import { ConflictError } from "../../errors.js";
import { describePlan, type Plan, type PlannedStep, runPlan } from "../../plan.js";
import { shellWord } from "../../shell-word.js";
import { mountPath } from "../../topo/mounts.js";
import { type MountUsers, mountUsers } from "../../workflow/mount-users.js";
import { forgetSteps } from "./remember.js";
import { requireMount } from "./show.js";

/**
 * Deletes the mount's record; NotFoundError when there is none. ConflictError while workflows read from it, all of which are
 * named, and where a primary can't be asked whether it has some; with `force` a warning instead.
 */
export async function unmount(
  ctx: Context,
  name: string,
  { force, dryRun }: { force: boolean; dryRun: boolean },
): Promise<{ name: string; steps: PlannedStep[] }> {
  const topo = await ctx.topo();
  await requireMount(topo, name);
  const users = await mountUsers(topo, ctx.tablets(), name, ctx.signal);
  const reasons = reasonsAgainst(users);
  if (reasons.length > 0 && !force) {
    throw new ConflictError(`${name} can't be unmounted: ${reasons.join("; ")}`, { hint: hint(name, users) });
  }
  const plan: Plan = [
    { describe: `Delete the record of ${name}: ${mountPath(name)}`, apply: () => topo.deleteMount(name) },
    ...(await forgetSteps(ctx, name)),
  ];
  const answer = { name, steps: describePlan(plan) };
  if (!dryRun) await runPlan(ctx, plan);
  for (const reason of reasons) ctx.io.warn(`-force: ${reason}`);
  if (users.workflows.length > 0) {
    ctx.io.warn("their streams end when they are started anew, and VDiff and Complete need the mount.");
  }
  return answer;
}

function reasonsAgainst({ workflows, unasked }: MountUsers): string[] {
  const silent = unasked.map(({ shard, reason }) => `the primary of ${shard} can't be asked for streams (${reason})`);
  if (workflows.length === 0) return silent;
  return [`${workflows.join(", ")} ${workflows.length > 1 ? "read" : "reads"} from it`, ...silent];
}

function hint(name: string, { workflows: [first] }: MountUsers): string {
  const force = `"vtmigrate Mount -unmount -force ${shellWord(name)}" forgets it all the same.`;
  if (first === undefined) return force;
  return `Migrate Complete or Migrate Cancel ends a workflow: "vtmigrate Migrate Complete ${first}". ${force}`;
}
