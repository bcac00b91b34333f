import { parseTabletTypes } from "../../tablet/types.js";
import type { OnDdl } from "../../wire/binlog-source.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { CheckName } from "../preflight/names.js";
import { parseSource } from "../source.js";
import { requireKeysAtOnce } from "./atomic-copy.js";
import { workflowSubType } from "./streams.js";
import { requireTableChoice, type TableChoice } from "./tables.js";

export interface CreateRequest extends TableChoice {
  name: WorkflowName;
  /** "<mount>.<keyspace>" */
  source: string;
  /** Source cells or aliases; empty: all of them. */
  cells: string[];
  tabletTypes: string;
  /** Of the source and of the target alike; empty: all shards of both. */
  shards: string[];
  onDdl: OnDdl;
  stopAfterCopy: boolean;
  /** Undefined: the default of the target's version. */
  deferSecondaryKeys: boolean | undefined;
  atomicCopy: boolean;
  dropForeignKeys: boolean;
  /** Of the source's datetime values; "" converts nothing. */
  sourceTimeZone: string;
  autoStart: boolean;
  /** Overrules the checks that the source has tablets of the wanted types, and that converted times stay findable. */
  force: boolean;
  /** Checks that are not made: names of src/migrate/preflight/names.ts's `skippableChecks`. */
  skipChecks: ReadonlySet<CheckName>;
  /** Only describes the steps. */
  dryRun: boolean;
  /** How long to wait for each of the two locks; 45 s when absent. */
  lockTimeoutMs?: number;
}

/** UsageError for what is wrong with the request itself: nothing has been opened yet. */
export function requireGoodRequest(request: CreateRequest): void {
  parseSource(request.source);
  requireTableChoice(request);
  parseTabletTypes(request.tabletTypes);
  workflowSubType({ partial: request.shards.length > 0, atomicCopy: request.atomicCopy });
  requireKeysAtOnce(request);
}
