import type { Context } from "../../context.js";
import { ConflictError, FailedError } from "../../errors.js";
import { targetName } from "../../workflow/targets.js";
import type { ShardDrop } from "./cancel-plan.js";

/** Asks a person at a terminal, before any lock is taken: others must not wait for an answer. FailedError for a no. */
export async function confirmDrops(ctx: Context, drops: ShardDrop[]): Promise<void> {
  const dropping = drops.filter(({ tables }) => tables.length > 0);
  if (dropping.length === 0) return;
  const places = dropping.map((drop) => `${drop.tables.join(", ")} on ${targetName(drop.target)}`);
  if (await ctx.io.confirm(`Drop ${places.join("; ")}?`, ctx.signal)) return;
  throw new FailedError("not confirmed: nothing was changed", {
    hint: "-yes drops without the question, -keep_data leaves the tables.",
  });
}

/** ConflictError for tables that weren't among the drops before the locks were held: nobody has agreed to those. */
export function requireSameDrops(before: ShardDrop[], now: ShardDrop[]): void {
  const known = new Set(before.flatMap(names));
  const more = now.flatMap(names).filter((name) => !known.has(name));
  if (more.length === 0) return;
  throw new ConflictError(`meanwhile there is more to drop: ${more.join(", ")}`, {
    hint: "Somebody else works on the workflow. Run the same command again to see what it would drop now.",
  });
}

function names({ target, tables }: ShardDrop): string[] {
  return tables.map((table) => `${table} on ${targetName(target)}`);
}
