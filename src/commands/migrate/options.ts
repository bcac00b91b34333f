import { duration, flag, list, type OptionValues, text } from "../../cli/command.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";

const hidden = { hidden: true };

/** MoveTables' options as vtctl v22 has them, and ours behind them. */
export const migrateOptions = {
  source: text("<mount>.<keyspace> to copy from"),
  all: flag("copy all tables of the source keyspace"),
  tables: text('tables to copy, comma separated, or as JSON with their VSchema entries: {"t": {...}}'),
  exclude: text("tables to leave out, comma separated"),
  cells: list("the source cluster's cells or cell aliases to read from; all of them by default"),
  tabletTypes: text("source tablet types to read from", "in_order:REPLICA,PRIMARY"),
  autoStart: flag("start the streams when they are created", true),
  stopAfterCopy: flag("stop the streams when the copy is done, and follow no changes"),
  onDdl: text("what to do about DDL on the source: IGNORE, STOP, EXEC or EXEC_IGNORE", "IGNORE", {
    spelling: "on-ddl",
  }),
  deferSecondaryKeys: flag("copy first, build secondary keys then; by default as the target's version does", true, {
    spelling: "defer-secondary-keys",
  }),
  timeout: duration("Create: how long to wait for the start. Complete: for the streams to catch up", 30_000),
  lockTimeout: duration("how long to wait for a lock that somebody else holds", 45_000, { spelling: "lock-timeout" }),
  dropForeignKeys: flag("create the tables without their foreign keys"),
  sourceTimeZone: text("time zone of the source's datetime values, which are stored as UTC on the target"),
  sourceShards: list("shards to migrate: the source's and the target's of the same names"),
  atomicCopy: flag("copy all tables from one snapshot (v18 and later); needs -all", false, { spelling: "atomic-copy" }),
  keepData: flag("Cancel: leave the tables that Create made"),
  yes: flag("Cancel: drop tables without asking"),
  dryRun: flag("show the steps and change nothing"),
  preflight: flag("Create: make its checks alone, all of them, and create nothing"),
  skipChecks: list("Create: checks that are not made, comma separated; see docs/preflight.md"),
  wait: flag("Create: stay until the copy is done, with progress"),
  waitTimeout: duration("how long -wait stays; 0 is as long as it takes", 0),
  force: flag(
    "Create: although the source has no tablet of the wanted types, or converted times miss updates. Complete: what is wrong is only a warning. Cancel: although no record tells which tables are ours",
  ),

  shards: list("not for Migrate", hidden),

  keepRoutingRules: flag("no effect", false, hidden),
  renameTables: flag("no effect", false, hidden),
  reverseReplication: flag("not for Migrate", true, hidden),
  maxReplicationLagAllowed: duration("no effect", 30_000, hidden),
  targetShards: text("no effect", "", hidden),
  skipSchemaCopy: flag("no effect", false, hidden),
  initializeTargetSequences: flag("no effect", false, { ...hidden, spelling: "initialize-target-sequences" }),
  noRoutingRules: flag("no effect", false, { ...hidden, spelling: "no-routing-rules" }),
  v1: flag("no effect", false, hidden),
  v2: flag("no effect", true, hidden),
};

export type MigrateOptions = OptionValues<typeof migrateOptions>;
type Key = keyof MigrateOptions & string;

type Action = "Create" | "Complete" | "Cancel";

const CREATE_ONLY: Key[] = [
  "source",
  "all",
  "tables",
  "exclude",
  "cells",
  "tabletTypes",
  "autoStart",
  "stopAfterCopy",
  "onDdl",
  "deferSecondaryKeys",
  "dropForeignKeys",
  "sourceTimeZone",
  "sourceShards",
  "atomicCopy",
  "skipChecks",
  "wait",
  "waitTimeout",
];

/** Options of MoveTables that do nothing to a Migrate, in vtctl neither (go/vt/vtctl/vtctl.go, v22). */
const NEVER: Key[] = [
  "keepRoutingRules",
  "renameTables",
  "reverseReplication",
  "maxReplicationLagAllowed",
  "targetShards",
  "skipSchemaCopy",
  "initializeTargetSequences",
  "noRoutingRules",
  "v1",
  "v2",
];

const WITHOUT_EFFECT: Record<Action, Key[]> = {
  Create: [...NEVER, "keepData", "yes"],
  // -tables has an effect together with -force: see complete.ts.
  Complete: [...NEVER, ...CREATE_ONLY.filter((key) => key !== "tables"), "keepData", "yes"],
  Cancel: [...NEVER, ...CREATE_ONLY, "timeout"],
};

/** One line on stderr for what was typed in vain. */
export function noteIneffective(action: Action, given: ReadonlySet<string>, io: Io): void {
  const vain = WITHOUT_EFFECT[action].filter((key) => given.has(key)).map(spelling);
  if (vain.length > 0) io.note(`No effect on Migrate ${action}: ${vain.join(", ")}`);
}

/** UsageError for options of which the user would miss the effect. */
export function refuseUnfit(options: MigrateOptions, given: ReadonlySet<string>): void {
  if (options.shards.length > 0) {
    throw new UsageError("The --shards option can only be specified for existing Partial MoveTables workflows");
  }
  if (options.reverseReplication && given.has("reverseReplication")) {
    throw new UsageError("-reverse_replication is not for Migrate, which copies one way", {
      hint: "Leave it out; -reverse_replication=false is accepted.",
    });
  }
}

/** UsageError for `-preflight` of an action that would be done, and not only be looked at. */
export function refusePreflight(action: Exclude<Action, "Create">, { preflight }: MigrateOptions): void {
  if (!preflight) return;
  throw new UsageError(`-preflight is for Create, and ${action} has no such checks`, {
    hint: `"Migrate -dry_run ${action}" shows what it would do.`,
  });
}

/** UsageError with all complaints in one message, and their heading last (go/vt/vtctl/vtctl.go, v22). */
export function requireFitForAtomicCopy({ atomicCopy, all, tables, exclude }: MigrateOptions): void {
  if (!atomicCopy) return;
  const wrong = [
    ...(all ? [] : ["atomic copy requires --all."]),
    ...(tables === "" ? [] : ["atomic copy does not support specifying tables."]),
    ...(exclude === "" ? [] : ["atomic copy does not support specifying excludes."]),
  ];
  if (wrong.length === 0) return;
  throw new UsageError([...wrong, "Found options incompatible with atomic copy:"].join(" "), {
    hint: "-atomic-copy goes with -all alone.",
  });
}

function spelling(key: Key): string {
  const spec: { spelling?: string } = migrateOptions[key];
  return `-${spec.spelling ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
