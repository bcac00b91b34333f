import { flag, list, type OptionValues, text } from "../../cli/command.js";
import type { Io } from "../../io/io.js";

export const workflowOptions = {
  shards: list("only these shards of the keyspace"),
  dryRun: flag("show the statement and the streams, and run nothing", false, { spelling: "dry-run" }),
  cells: list('update: the cells to replicate from, of the source cluster; "" for the target tablet\'s own'),
  tabletTypes: list('update: the types of tablets to replicate from; "in_order:replica,primary" for a preference', {
    spelling: "tablet-types",
  }),
  onDdl: text("update: what becomes of DDL: IGNORE, STOP, EXEC or EXEC_IGNORE", "", { spelling: "on-ddl" }),
};

export type WorkflowOptions = OptionValues<typeof workflowOptions>;
type Key = keyof WorkflowOptions;

const UPDATE_ONLY: Key[] = ["cells", "tabletTypes", "onDdl"];

const WITHOUT_EFFECT: Record<string, Key[]> = {
  show: ["dryRun", ...UPDATE_ONLY],
  listall: ["shards", "dryRun", ...UPDATE_ONLY],
  doctor: ["shards", "dryRun", ...UPDATE_ONLY],
  update: [],
};

/** One line on stderr for what was typed in vain. */
export function noteIneffective(action: string, given: ReadonlySet<string>, io: Io): void {
  const vain = (WITHOUT_EFFECT[action] ?? UPDATE_ONLY).filter((key) => given.has(key));
  const names = vain.map((key) => `-${(workflowOptions[key] as { spelling?: string }).spelling ?? key}`);
  if (names.length > 0) io.note(`No effect on Workflow ${action}: ${names.join(", ")}`);
}
