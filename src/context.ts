import type { Access } from "./access/access.js";
import type { Io } from "./io/io.js";
import type { TabletClients } from "./tablet/port.js";
import type { Topo } from "./topo/port.js";

/** What a command's `run` may use. Connections open on first use: help and usage errors open none. */
export interface Context {
  io: Io;
  log: Log;
  clock: Clock;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, with an InterruptedError. */
  signal: AbortSignal;
  /** How clusters are reached: flags, environment and the user's contexts. */
  access: Access;
  /** The target cluster's topology, from the connection flags. */
  topo(): Promise<Topo>;
  tablets(): TabletClients;
}

/** The part of pino's logger that is used; without -log_file it is silent. It never throws. */
export type Log = Record<"error" | "warn" | "info" | "debug" | "trace", (facts: object, message: string) => void>;

export interface Clock {
  now(): Date;
  /** Rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
