/** What a tablet is at the moment; its services read it, topology and tests change it. */
import { EventEmitter } from "node:events";
import type { TabletSecurity } from "../../net/security.js";
import type { MysqlServer } from "../mysql/port.js";
import { formatAlias, type SandboxTopo } from "../topo.js";
import type { VersionProfile } from "./profiles.js";

export type ServedType = "PRIMARY" | "REPLICA";

export interface Timings {
  /** Between two rounds of looking for a source tablet, in milliseconds (discovery/tablet_picker.go: 30 s). */
  pickerRetryMs: number;
  /** After a stream failed (vreplication/engine.go: 5 s). */
  streamRetryMs: number;
  /** Between two saves of rows_copied: a shorter copy never shows any (vreplicator.go, rowsCopiedUpdateInterval: 30 s). */
  rowsCopiedMs: number;
  /** Transactions older than this are rolled back (queryserver-config-transaction-timeout: 30 s). */
  transactionTimeoutMs: number;
  /** Between two unasked StreamHealth answers. */
  healthIntervalMs: number;
  /** Between two HEARTBEAT events of an idle VStream (vstreamer.go: 900 ms). */
  heartbeatMs: number;
  /** For a lock in the topology (topo/locks.go, LockTimeout: 45 s). */
  lockTimeoutMs: number;
  /** Between two looks for VDiffs that failed and shall be tried again (vdiff/engine.go: 30 s). */
  vdiffRetryMs: number;
  /** Before a table that took longer than max_diff_seconds goes on (vdiff/workflow_differ.go: 30 s). */
  vdiffRestartMs: number;
}

export const defaultTimings: Timings = {
  pickerRetryMs: 30_000,
  streamRetryMs: 5_000,
  rowsCopiedMs: 30_000,
  transactionTimeoutMs: 30_000,
  healthIntervalMs: 5_000,
  heartbeatMs: 900,
  lockTimeoutMs: 45_000,
  vdiffRetryMs: 30_000,
  vdiffRestartMs: 30_000,
};

export interface TabletIdentity {
  cell: string;
  uid: number;
  keyspace: string;
  shard: string;
}

export class TabletState {
  readonly alias: string;
  readonly dbName: string;
  /** Seconds since the epoch; 0 on a replica. */
  primaryTermStart = 0;
  deniedTables: ReadonlySet<string> = new Set();
  /** Of a replica, in milliseconds; set by tests. */
  lagMs = 0;
  /** Why a replica's SQL thread has stopped; "" while it runs. */
  replicationError = "";
  readonly #events = new EventEmitter().setMaxListeners(0);

  constructor(
    readonly identity: TabletIdentity,
    readonly profile: VersionProfile,
    readonly mysql: MysqlServer,
    readonly topo: SandboxTopo,
    readonly timings: Timings,
    /** How this process speaks to other tablets. */
    readonly peers: TabletSecurity,
    public type: ServedType,
  ) {
    this.alias = formatAlias(identity);
    this.dbName = `vt_${identity.keyspace}`;
    if (type === "PRIMARY") this.primaryTermStart = nowSeconds();
  }

  get position(): string {
    return `MySQL56/${this.mysql.gtidExecuted()}`;
  }

  /** Tells health streams that something about the tablet changed. */
  announce(): void {
    this.#events.emit("change");
  }

  onChange(listener: () => void): () => void {
    this.#events.on("change", listener);
    return () => this.#events.off("change", listener);
  }
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
