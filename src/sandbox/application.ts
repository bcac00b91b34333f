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
 * protocol until it is stopped. It knows no row by heart: what it changes, it looks up.
 */
export async function startApplication(options: ApplicationOptions): Promise<Application> {
  const { port, database } = options;
  const connection = await createConnection({ host: "127.0.0.1", port, database, user: "application" });
  const ids = options.ownIds === true ? await Ids.above(connection) : undefined;
  const writer = new Writer(connection, new Random(options.seed), ids);
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

/** `pause` tells after each write how many milliseconds to wait; no time at all when there is none to lose. */
async function run(writer: Writer, pause: () => number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await writer.write();
    const milliseconds = pause();
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal }).catch(() => {});
  }
}

/** Behind its time it hurries on, but what was not done within a second is let go. */
function steadyPace(perSecond: number): () => number {
  let due = performance.now();
  return () => {
    const now = performance.now();
    due = Math.max(due + 1000 / perSecond, now - 1000);
    return due - now;
  };
}

/** Counts on from the highest ids that were there. */
class Ids {
  private constructor(private readonly last: { customer: number; corder: number }) {}

  static async above(connection: Connection): Promise<Ids> {
    const highest = async (table: string, column: string) => {
      const [rows] = await connection.query<RowDataPacket[]>(`select max(${column}) as id from ${table}`);
      return Number(rows[0]?.id ?? 0);
    };
    const customer = await highest("customer", "customer_id");
    return new Ids({ customer, corder: await highest("corder", "order_id") });
  }

  next(table: "customer" | "corder"): number {
    this.last[table] += 1;
    return this.last[table];
  }
}

class Writer {
  readonly counts: WriteCounts = { inserts: 0, updates: 0, deletes: 0 };

  constructor(
    private readonly connection: Connection,
    private readonly random: Random,
    /** Absent: MySQL's auto_increment makes them. */
    private readonly ids: Ids | undefined,
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
    if (this.ids === undefined) {
      const insert = "insert into customer(email) values (?)";
      const [customer] = await this.connection.execute<ResultSetHeader>(insert, [email]);
      return customer.insertId;
    }
    const id = this.ids.next("customer");
    await this.connection.execute("insert into customer(customer_id, email) values (?, ?)", [id, email]);
    return id;
  }

  private async newOrder(): Promise<void> {
    const customer = await this.someId("customer", "customer_id");
    if (customer === undefined) return;
    await this.insertOrder(customer);
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
    const id = await this.someId("customer", "customer_id");
    if (id === undefined) return;
    const email = `${this.random.word(8)}@changed.example.com`;
    await this.connection.execute("update customer set email = ? where customer_id = ?", [email, id]);
    this.counts.updates += 1;
  }

  private async changeOrder(): Promise<void> {
    const id = await this.someId("corder", "order_id");
    if (id === undefined) return;
    await this.connection.execute("update corder set price = price + 1 where order_id = ?", [id]);
    this.counts.updates += 1;
  }

  private async deleteOrder(): Promise<void> {
    const id = await this.someId("corder", "order_id");
    if (id === undefined) return;
    await this.connection.execute("delete from corder where order_id = ?", [id]);
    this.counts.deletes += 1;
  }

  private async insertOrder(customer: number): Promise<void> {
    const sku = `SKU-${this.random.integer(1001, 1100)}`;
    const price = this.random.integer(1, 500);
    const given = this.ids === undefined ? {} : { order_id: this.ids.next("corder") };
    const order = { ...given, customer_id: customer, sku, price };
    const columns = Object.keys(order);
    const insert = `insert into corder(${columns.join(", ")}) values (${columns.map(() => "?").join(", ")})`;
    await this.connection.execute(insert, Object.values(order));
  }

  /** An id at or above a random one; undefined when the table is empty. */
  private async someId(table: string, column: string): Promise<number | undefined> {
    const [highest] = await this.connection.query<RowDataPacket[]>(`select max(${column}) as id from ${table}`);
    const from = this.random.integer(1, Number(highest[0]?.id ?? 1));
    const [found] = await this.connection.execute<RowDataPacket[]>(
      `select ${column} as id from ${table} where ${column} >= ? order by ${column} limit 1`,
      [from],
    );
    return found[0] === undefined ? undefined : Number(found[0].id);
  }
}
