import { duration, flag, list, type OptionValues, text } from "../../cli/command.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";

const hidden = { hidden: true };

/** MoveTables' options as vtctl v22 has them, and ours behind them. */
export const migrateOptions = {
  source: text("<mount>.<keyspace> to copy from"),
  all: flag("copy all tables of the source keyspace"),
  tables: text("tables to copy, comma separated"),
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
  keepData: flag("Cancel: leave the tables that Create made"),
  dryRun: flag("show the steps and change nothing"),
  wait: flag("Create: stay until the copy is done, with progress"),
  waitTimeout: duration("how long -wait stays; 0 is as long as it takes", 0),
  force: flag("Create: although the source has no tablet of the wanted types. Complete: without checks"),

  dropForeignKeys: flag("not supported yet", false, hidden),
  sourceTimeZone: text("not supported yet", "", hidden),
  sourceShards: text("not supported yet", "", hidden),
  atomicCopy: flag("not supported yet", false, { ...hidden, spelling: "atomic-copy" }),
  shards: list("not for Migrate", hidden),

  keepRoutingRules: flag("no effect", false, hidden),
  renameTables: flag("no effect", false, hidden),
  reverseReplication: flag("no effect", true, hidden),
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

/** Options of MoveTables that do nothing to a Migrate, in vtctl neither (go/vt/vtctl/vtctl.go, v22). */
const WITHOUT_EFFECT: Key[] = [
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

/** One line on stderr for what was typed in vain. */
export function noteIneffective(given: ReadonlySet<string>, io: Io): void {
  const vain = WITHOUT_EFFECT.filter((key) => given.has(key)).map(spelling);
  if (vain.length > 0)
    io.note(`No effect on Migrate, which copies one way and writes no routing rules: ${vain.join(", ")}`);
}

/** UsageError for options whose effect the user would miss. */
export function refuseUnsupported(options: MigrateOptions): void {
  if (options.shards.length > 0) {
    throw new UsageError("The --shards option can only be specified for existing Partial MoveTables workflows");
  }
  const asked: [Key, boolean][] = [
    ["dropForeignKeys", options.dropForeignKeys],
    ["sourceTimeZone", options.sourceTimeZone !== ""],
    ["sourceShards", options.sourceShards !== ""],
    ["atomicCopy", options.atomicCopy],
  ];
  for (const [key, isAsked] of asked) {
    if (isAsked) throw new UsageError(`${spelling(key)} is not supported yet`, { hint: "Leave it out." });
  }
}

function spelling(key: Key): string {
  const spec: { spelling?: string } = migrateOptions[key];
  return `-${spec.spelling ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
