import { UsageError } from "../../errors.js";
import { closest } from "../../suggest.js";
import { asUuid, newUuid, parseUuid } from "../../vdiff/tablet-engine/uuid.js";
import { parseWorkflowName, type WorkflowName } from "../../workflow/name.js";

const ACTIONS = ["create", "show", "stop", "resume", "delete"] as const;
export type Action = (typeof ACTIONS)[number];

const USAGE = "usage: VDiff -- <keyspace>.<workflow> create|show|stop|resume|delete [all|last|<UUID>]";

export interface VdiffWords {
  name: WorkflowName;
  /** Undefined: a comparison from here. */
  action: Action | undefined;
  /** A UUID in lower case, "last" or "all"; for create one is made. */
  which: string;
}

/**
 * What stands behind VDiff, in any case, with vtctlclient's words for what is wrong (go/vt/vtctl/vdiff2.go, v22). Beyond
 * it, stop, resume and delete take `last` too.
 */
export function parseWords([target = "", typed, which, ...more]: string[]): VdiffWords {
  if (more.length > 0) throw new UsageError(USAGE);
  const action = ACTIONS.find((known) => known === typed?.toLowerCase());
  if (typed !== undefined && action === undefined) {
    const near = closest(typed, [...ACTIONS]);
    throw new UsageError(USAGE, near === undefined ? {} : { hint: `Did you mean ${near}?` });
  }
  const name = parseWorkflowName(target);
  if (action === undefined) return { name, action, which: "" };
  if (action === "create") return { name, action, which: which === undefined ? newUuid() : parseUuid(which) };
  if (which === undefined) throw new UsageError(USAGE, { hint: `Which one? VDiff ${target} ${action} last` });
  return { name, action, which: parseWhich(action, which, target) };
}

function parseWhich(action: Action, typed: string, target: string): string {
  const word = typed.toLowerCase();
  if (word === "last") return word;
  if (word === "all" && (action === "show" || action === "delete")) return word;
  const uuid = asUuid(typed);
  if (uuid !== undefined) return uuid;
  throw new UsageError(
    `can only ${action} a specific vdiff, please provide a valid UUID; view all with: VDiff -- ${target} show all`,
  );
}
