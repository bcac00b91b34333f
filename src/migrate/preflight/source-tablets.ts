import { AuthError, PreflightError, UnreachableError } from "../../errors.js";
import { parseTabletTypes } from "../../tablet/types.js";
import { requireSourceTablets } from "../create/cells.js";
import type { Check, Tried } from "./check.js";
import { unlessForced } from "./forced.js";
import type { SourceAnswer } from "./source-answers.js";
import { count } from "./texts.js";

/** That the topology knows a tablet of the wanted types for each shard; nobody is asked. */
export const cells: Check = {
  name: "cells",
  needs: ["source_keyspace"],
  decidedByCreate: true,
  async run(facts) {
    const { request } = facts;
    const [source, shards, names] = await facts.all("source", "shards", "cells");
    const tabletTypes = parseTabletTypes(request.tabletTypes);
    try {
      await requireSourceTablets(source, shards, { cells: names, tabletTypes });
    } catch (error) {
      if (!(error instanceof PreflightError)) throw error;
      return unlessForced(request.force, error);
    }
    return { message: `tablets of the wanted types for each shard in ${names.join(", ")}` };
  },
};

const REMEDY =
  "Open the way to these gRPC ports, for this machine and for the target's primaries, or start the tablets; or choose others with -cells and -tablet_types.";

const SKIP = "Where only the target's tablets reach them: -skip_checks source_tablets.";

/** That every tablet which a stream may read from answers on its gRPC port: from here, as the target's tablets see others. */
export const sourceTablets: Check = {
  name: "source_tablets",
  needs: ["cells"],
  async run(facts) {
    const answers = await facts.get("sourceAnswers");
    if (answers.length === 0) return { result: "warning", message: "no tablet of the wanted types to ask" };
    const tried = answers.map((answer) => answer.tried);
    const silent = answers.filter(({ error }) => error !== undefined);
    if (silent.length === 0)
      return { message: `${count(answers.length, "tablet")} of the wanted types: each answers`, tried };
    const named = silent.map(({ tried: each }) => silence(each)).join("; ");
    const shards = [...new Set(answers.map(({ shard }) => shard))];
    const dark = shards.filter((shard) => answers.every((each) => each.shard !== shard || each.error !== undefined));
    if (dark.length === 0) {
      return { result: "warning", message: `source tablets don't answer: ${named}`, remedy: REMEDY, tried };
    }
    const message = `no source tablet of ${dark.join(", ")} answers: ${named}`;
    const error =
      refusalOf(silent, message) ??
      new UnreachableError(message, { hint: `${REMEDY} ${SKIP}`, at: firstPlace(silent) });
    return unlessForced(facts.request.force, error, tried);
  },
};

/** Somebody answers, and lets us not in: no way has to be opened there. */
function refusalOf(silent: SourceAnswer[], message: string): AuthError | undefined {
  const refusal = silent.map(({ error }) => error).find((error) => error instanceof AuthError);
  return (
    refusal && new AuthError(message, { hint: `${refusal.hint ?? ""} ${SKIP}`.trim(), at: refusal.at, cause: refusal })
  );
}

/** "zx-0000000002 at 10.0.0.7:15999 (TCP): connection refused" */
function silence({ what, address, layer, reason = "" }: Tried): string {
  return `${what.replace(/^tablet /, "")} at ${address} (${layer}): ${reason}`;
}

function firstPlace(silent: SourceAnswer[]): UnreachableError["at"] {
  const [first] = silent;
  return first === undefined ? undefined : { address: first.tried.address, layer: first.tried.layer };
}
