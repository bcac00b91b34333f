import { setTimeout as sleep } from "node:timers/promises";
import { type Connection, createConnection, type ResultSetHeader, type RowDataPacket } from "mysql2/promise";
import { Random } from "./random.js";

export interface ApplicationOptions {
  /** The vtgate's. */
  port: number;
  database: string;
  seed: number;
  /** Between two writes, in milliseconds. Default 5. */
  pauseMs?: number;
  /** Writes a second instead, as far as the clusters keep up with them. */
  perSecond?: number;
  /** Gives new rows ids itself: over shards MySQL's own would come twice. */
  ownIds?: boolean;
  /** Told of the failure that ends the writing. */
  onFailure?: (error: Error) => void;
}

interface WriteCounts {
  inserts: number;
  updates: number;
  deletes: number;
}

export interface Application {
  readonly counts: Readonly<WriteCounts>;
  /** The failure that ended the writing, if one did. */
  readonly failure: Error | undefined;
  /** Finishes the write that is under way and disconnects; what was done in all. */
  stop(): Promise<WriteCounts>;
}

/**
 * A customer's application: it inserts, updates and deletes rows of the commerce tables over MySQL's
 * protocol until it is stopped. What it changes are rows whose ids it guesses: some of them are gone.
 */
export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { port, database } = options;
  const connection = await createConnection({ host: "127.0.0.1", port, database, user: "application" });
  const writer = new Writer(connection, new Random(options.seed), await Ids.of(connection), options.ownIds === true);
  const stopping = new AbortController();
  const state: { failure: Error | undefined } = { failure: undefined };
  const pause = options.perSecond === undefined ? () => options.pauseMs ?? 5 : steadyPace(options.perSecond);
  const running = run(writer, pause, stopping.signal).catch((error: Error) => {
    state.failure = error;
    options.onFailure?.(error);
  });
  return {
    counts: writer.counts,
    get failure() {
      return state.failure;
    },
    async stop() {
      stopping.abort();
      await running;
      await connection.end().catch(() => connection.destroy());
      return { ...writer.counts };
    },
  };
}

/** `pause` tells after a write how long to wait; it hears how long that took. In milliseconds. */
async function run(writer: Writer, pause: (took: number) => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const begun = performance.now();
    await writer.write();
    await sleep(pause(performance.now() - begun), undefined, { signal }).catch(() => {});
  }
}

/**
 * What was not done in time is caught up with, but not what is a second late. Clusters that are slow get at least half of
 * the time for other things: they may share this process.
 */
function steadyPace(perSecond: number): (took: number) => number {
  let due = performance.now();
  return (took) => {
    const now = performance.now();
    due = Math.max(due + 1000 / perSecond, now - 1000);
    return Math.max(due - now, took > 5 ? took : 0);
  };
}

type Numbered = "customer" | "corder";

/** The highest ids that there are. */
class Ids {
  private constructor(private readonly last: Record<Numbered, number>) {}

  static async of(connection: Connection): Promise<Ids> {
    const highest = async (table: Numbered, column: string) => {
      const [rows] = await connection.query<RowDataPacket[]>(`select max(${column}) as id from ${table}`);
      return Number(rows[0]?.id ?? 0);
    };
    return new Ids({
      customer: await highest("customer", "customer_id"),
      corder: await highest("corder", "order_id"),
    });
  }

  next(table: Numbered): number {
    this.last[table] += 1;
    return this.last[table];
  }

  /** MySQL has chosen one. */
  add(table: Numbered, id: number): void {
    this.last[table] = Math.max(this.last[table], id);
  }

  /** Probably of a row that is there. */
  some(table: Numbered, random: Random): number {
    return random.integer(1, Math.max(this.last[table], 1));
  }
}

class Writer {
  readonly counts: WriteCounts = { inserts: 0, updates: 0, deletes: 0 };

  constructor(
    private readonly connection: Connection,
    private readonly random: Random,
    private readonly ids: Ids,
    /** Not MySQL's auto_increment. */
    private readonly ownIds: boolean,
  ) {}

  async write(): Promise<void> {
    const dice = this.random.integer(1, 10);
    if (dice <= 3) return this.newCustomer();
    if (dice <= 5) return this.newOrder();
    if (dice === 6) return this.newNote();
    if (dice <= 8) return this.changeCustomer();
    if (dice === 9) return this.changeOrder();
    return this.deleteOrder();
  }

  /** A customer and the first order, or neither. */
  private async newCustomer(): Promise<void> {
    await this.connection.beginTransaction();
    const email = `${this.random.word(8)}@example.com`;
    await this.insertOrder(await this.insertCustomer(email));
    await this.connection.commit();
    this.counts.inserts += 2;
  }

  /** The new customer's id. */
  private async insertCustomer(email: string): Promise<number> {
    if (!this.ownIds) {
      const insert = "insert into customer(email) values (?)";
      const [{ insertId }] = await this.connection.execute<ResultSetHeader>(insert, [email]);
      this.ids.add("customer", insertId);
      return insertId;
    }
    const id = this.ids.next("customer");
    await this.connection.execute("insert into customer(customer_id, email) values (?, ?)", [id, email]);
    return id;
  }

  private async newOrder(): Promise<void> {
    await this.insertOrder(this.ids.some("customer", this.random));
    this.counts.inserts += 1;
  }

  private async newNote(): Promise<void> {
    const author = `author ${this.random.word(5)}`;
    const text = `${this.random.word(12)} it's "new" \\ ☃`;
    await this.connection.execute("insert into notes(author, written, note) values (?, ?, ?)", [
      author,
      "2024-03-01 12:00:00",
      text,
    ]);
    this.counts.inserts += 1;
  }

  private async changeCustomer(): Promise<void> {
    const email = `${this.random.word(8)}@changed.example.com`;
    const update = "update customer set email = ? where customer_id = ?";
    this.counts.updates += await this.change(update, [email, this.ids.some("customer", this.random)]);
  }

  private async changeOrder(): Promise<void> {
    const update = "update corder set price = price + 1 where order_id = ?";
    this.counts.updates += await this.change(update, [this.ids.some("corder", this.random)]);
  }

  private async deleteOrder(): Promise<void> {
    const statement = "delete from corder where order_id = ?";
    this.counts.deletes += await this.change(statement, [this.ids.some("corder", this.random)]);
  }

  /** The number of rows. */
  private async change(statement: string, values: (string | number)[]): Promise<number> {
    const [{ affectedRows }] = await this.connection.execute<ResultSetHeader>(statement, values);
    return affectedRows;
  }

  private async insertOrder(customer: number): Promise<void> {
    const sku = `SKU-${this.random.integer(1001, 1100)}`;
    const price = this.random.integer(1, 500);
    const given = this.ownIds ? { order_id: this.ids.next("corder") } : {};
    const order = { ...given, customer_id: customer, sku, price };
    const columns = Object.keys(order);
    const insert = `insert into corder(${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`;
    const [{ insertId }] = await this.connection.execute<ResultSetHeader>(insert, Object.values(order));
    this.ids.add("corder", insertId);
  }
}
