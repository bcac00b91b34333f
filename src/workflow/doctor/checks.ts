import { deniedTables } from "./denied-tables.js";
import { duplicates } from "./duplicates.js";
import type { Check } from "./finding.js";
import { heldStreams } from "./held-streams.js";
import { idleTables } from "./idle-tables.js";
import { streamsWithoutMount } from "./mounts.js";
import { probes } from "./probes.js";
import { staleLocks } from "./stale-locks.js";
import { troubledStreams } from "./troubled-streams.js";
import { unfinished, unreadableRecords } from "./unfinished.js";
import { unknown } from "./unknown.js";
import { unrecorded } from "./unrecorded.js";

/** In the order in which their findings are told, and are best cleaned up: a stale lock holds up every other command. */
export const checks: readonly Check[] = [
  unknown,
  staleLocks,
  unreadableRecords,
  unfinished,
  duplicates,
  streamsWithoutMount,
  heldStreams,
  troubledStreams,
  unrecorded,
  probes,
  deniedTables,
  idleTables,
];
