import type { Context } from "../../context.js";
import { NotFoundError, type VtmigrateError } from "../../errors.js";
import type { ShardAnswer } from "./workflow.js";

/** Why shards didn't do what they were asked, but for those that have no such VDiff. */
export function failuresOf(answers: readonly ShardAnswer<unknown>[]): VtmigrateError[] {
  return answers.flatMap(({ failure }) => (failure === undefined || failure instanceof NotFoundError ? [] : [failure]));
}

/** After all shards were asked: the first failure is thrown, and further ones are told of. */
export function throwFirst(ctx: Context, [first, ...more]: readonly VtmigrateError[]): void {
  for (const { message } of more) ctx.io.warn(message);
  if (first !== undefined) throw first;
}
