import type { Clock, Log } from "../context.js";
import type { Tablet, TabletClients } from "../tablet/port.js";
import type { Topo } from "../topo/port.js";
import type { Placements } from "./placement/placements.js";

/** Of a comparison. */
export type Side = "source" | "target";

/** What every step of one VDiff needs to know. */
export interface VdiffRun {
  /** The target cluster's topology. */
  topo: Topo;
  tablets: TabletClients;
  keyspace: string;
  workflow: string;
  /** The tablets that rows are read from, by shard. */
  sourceTablets: ReadonlyMap<string, Tablet>;
  targetTablets: ReadonlyMap<string, Tablet>;
  /** Where the target's rows belong. */
  placements: Placements;
  /** For each wait: a position reached, a snapshot opened, a packet sent. Milliseconds. */
  waitMs: number;
  /** For the keyspace's lock. Milliseconds. */
  lockMs: number;
  clock: Clock;
  signal: AbortSignal;
  /** Its phases as they begin and end. */
  log: Pick<Log, "info">;
  /** A line for people. */
  note(line: string): void;
  /** The same for what makes the result doubtful; repetitions are left out. */
  warn(line: string): void;
}
