import { hopeless } from "./hopeless.js";
import type { ShardVdiff } from "./shown.js";
import type { Summary } from "./summary.js";

/** Two rounds of the tablets' retries, every 30 s (go/vt/vttablet/tabletmanager/vdiff/engine.go), and a moment. */
const PATIENCE_MS = 65_000;

interface Failure {
  error: string;
  rowsCompared: number;
  since: number;
}

/**
 * Tells when nothing more will happen. Completed and stopped are final. An error is, too, without auto-retry; with it, the
 * tablets try again every 30 s whatever the error was: it is taken as final when it has been there for two rounds in which
 * no further row of the tables in error was compared, or when no retry can ever help.
 */
export class Settling {
  readonly #failures = new Map<string, Failure>();

  constructor(private readonly autoRetry: boolean) {}

  /** `now` in milliseconds. */
  isOver({ shards }: Summary, now: number): boolean {
    // Every shard is looked at each time: patience begins with the first sight of an error.
    return shards.map((shard) => this.#isFinal(shard, now)).every((final) => final);
  }

  #isFinal(shard: ShardVdiff, now: number): boolean {
    if (shard.state === "completed" || shard.state === "stopped") return true;
    if (shard.state !== "error") return false;
    if (!this.autoRetry || hopeless(shard) !== undefined) return true;
    // A retry goes on with every table; only what those in error get further counts.
    const failing = shard.tables.filter(({ state }) => state === "error");
    const rowsCompared = failing.reduce((sum, table) => sum + table.rowsCompared, 0);
    const before = this.#failures.get(shard.shard);
    if (before === undefined || before.error !== shard.lastError || before.rowsCompared !== rowsCompared) {
      this.#failures.set(shard.shard, { error: shard.lastError, rowsCompared, since: now });
      return false;
    }
    return now - before.since >= PATIENCE_MS;
  }
}
