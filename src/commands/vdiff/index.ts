import { defineCommand } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { parseWorkflowName } from "../../workflow/name.js";
import { type CompareAnswer, compare, compareExitCode, compareOptions, viewCompare } from "./compare.js";

const ACTIONS = ["create", "show", "stop", "resume", "delete"];
const USAGE = "usage: VDiff -- <keyspace>.<workflow> create|show|stop|resume|delete [all|last|<UUID>]";

/** VDiff, in vtctlclient's words (Vitess v22.0.3, go/vt/vtctl/vtctl.go, commandVDiff). */
export const vdiff = defineCommand({
  name: "VDiff",
  summary: "Compare every row of a workflow's tables on source and target.",
  usage:
    "[-source_cell <cell>] [-target_cell <cell>] [-tablet_types in_order:RDONLY,REPLICA,PRIMARY] [-tables <list>] [-limit <rows>] [-format json] [-wait] <keyspace.workflow>",
  examples: [
    "VDiff commerce.wf",
    "VDiff -tables customer,corder commerce.wf",
    "VDiff -wait -wait_timeout 1h commerce.wf",
    "VDiff -format json commerce.wf",
  ],
  args: { min: 1, max: 3, complaint: "<keyspace.workflow> is required" },
  options: compareOptions,
  async run({ args, options, given }, ctx: Context): Promise<CompareAnswer> {
    const [target = "", action] = args;
    refuseActions(action);
    return compare(parseWorkflowName(target), options, given, ctx);
  },
  view: (answer: CompareAnswer, io: Io) => viewCompare(answer, io),
  exitCode: (answer: CompareAnswer) => compareExitCode(answer),
});

/** The tablets' own VDiff has these actions. */
function refuseActions(action: string | undefined): void {
  if (action === undefined) return;
  if (!ACTIONS.includes(action.toLowerCase())) throw new UsageError(USAGE);
  throw new UsageError(`VDiff ${action} drives the tablets' own VDiff, which this version doesn't do yet`, {
    hint: "Without an action, the comparison is made from here and printed when it is done.",
  });
}
