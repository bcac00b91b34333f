import { unsupported } from "./errors.js";
import { describeTarget, type ShardTarget } from "./route.js";
import type { TabletClient } from "./tablet-client.js";

interface ShardTransaction {
  target: ShardTarget;
  transactionId: string;
}

/**
 * A client's transaction: on each shard it touches one of the tablet's, begun when the shard is first
 * touched (go/vt/vtgate/tx_conn.go). Commit goes shard by shard in that order, as Vitess's default mode
 * MULTI does: a failure in the middle leaves the first shards committed.
 */
export class Transaction {
  readonly #tablets: TabletClient;
  readonly #clientFoundRows: boolean;
  readonly #shards = new Map<string, ShardTransaction>();
  /** Savepoints that stand; a shard that joins later gets them first. */
  #savepoints: string[] = [];

  constructor(tablets: TabletClient, clientFoundRows: boolean) {
    this.#tablets = tablets;
    this.#clientFoundRows = clientFoundRows;
  }

  /** Undefined for a shard that isn't part of the transaction yet. */
  openIdFor(target: ShardTarget): string | undefined {
    return this.#shards.get(describeTarget(target))?.transactionId;
  }

  /** Begins on the shard when it isn't part of the transaction yet. */
  async idFor(target: ShardTarget): Promise<string> {
    const open = this.openIdFor(target);
    if (open !== undefined) return open;
    const transactionId = await this.#tablets.begin(target);
    const joined = { target, transactionId };
    this.#shards.set(describeTarget(target), joined);
    for (const name of this.#savepoints) await this.#run(joined, `savepoint ${name}`);
    return transactionId;
  }

  /** `name` is quoted already. */
  async savepoint(verb: "savepoint" | "release" | "rollback", name: string): Promise<void> {
    const statement = { savepoint: "savepoint", release: "release savepoint", rollback: "rollback to" }[verb];
    for (const shard of this.#shards.values()) await this.#run(shard, `${statement} ${name}`);
    const at = this.#savepoints.lastIndexOf(name);
    if (verb === "savepoint") this.#savepoints.push(name);
    else if (at < 0 && this.#shards.size === 0) throw unsupported(`SAVEPOINT ${name} does not exist`);
    else this.#savepoints = this.#savepoints.slice(0, verb === "release" ? at : at + 1);
  }

  async commit(): Promise<void> {
    const shards = this.#take();
    for (const [i, shard] of shards.entries()) {
      try {
        await this.#tablets.commit(shard.target, shard.transactionId);
      } catch (error) {
        await this.#rollbackAll(shards.slice(i + 1));
        throw error;
      }
    }
  }

  async rollback(): Promise<void> {
    await this.#rollbackAll(this.#take());
  }

  async #rollbackAll(shards: ShardTransaction[]): Promise<void> {
    // A tablet that is gone has rolled back, or will when its transaction times out.
    await Promise.allSettled(shards.map((shard) => this.#tablets.rollback(shard.target, shard.transactionId)));
  }

  async #run(shard: ShardTransaction, sql: string): Promise<void> {
    await this.#tablets.execute(shard.target, {
      sql,
      transactionId: shard.transactionId,
      clientFoundRows: this.#clientFoundRows,
    });
  }

  #take(): ShardTransaction[] {
    const shards = [...this.#shards.values()];
    this.#shards.clear();
    this.#savepoints = [];
    return shards;
  }
}
