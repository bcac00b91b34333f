import type { Layer, VtmigrateError } from "../../errors.js";
import type { Facts } from "./facts.js";
import type { CheckName } from "./names.js";

/** Somebody who was asked, and how far that went: the layer of a failure, or RPC for an answer. */
export interface Tried {
  /** "tablet zx-0000000002", "topology" */
  what: string;
  address: string;
  layer: Layer;
  answered: boolean;
  /** Why not. */
  reason?: string;
}

/** What a check has found when it is not a failure: those are thrown, or come as `error` to say who was asked. */
export interface Finding {
  result?: "ok" | "warning" | "skipped";
  /** What was found, in one sentence or less. */
  message: string;
  remedy?: string | undefined;
  tried?: Tried[];
  /** Worth knowing beside the result, a sentence each. */
  notes?: string[];
}

export type Outcome = Finding | { error: VtmigrateError; tried: Tried[] };

export interface Check {
  name: CheckName;
  /** Without these it can't be run: those that fail are the reason why it isn't. */
  needs: readonly CheckName[];
  /** Create finds it out itself, in its own order, while it looks at both clusters: nobody is asked again there. */
  decidedByCreate?: true;
  /** For a dry run. */
  changesSomething?: true;
  run(facts: Facts): Promise<Outcome>;
}

/** A check as it is reported and printed with -json. */
export interface CheckReport {
  name: CheckName;
  result: "ok" | "warning" | "failed" | "skipped";
  message: string;
  remedy?: string;
  /** Of a failure: "unreachable", "preflight", "not-found", ... as in src/errors.ts. */
  code?: string;
  tried: Tried[];
  notes: string[];
}
