/** Where the tablet contract runs: two clusters, one of which has mounted the other, and what is known about their tablets. */
import { createTabletClients } from "../../../src/tablet/grpc/clients.js";
import type { Tablet, TabletRecord } from "../../../src/tablet/port.js";
import type { Topo, TopoConfig } from "../../../src/topo/port.js";
import { openTopo } from "../../../src/topo/topo.js";
import { records } from "../../../src/wire/result.js";
import { sqlString } from "../../../src/wire/sql.js";
import { type RawTablet, rawTablet } from "./raw.js";

export type Side = "source" | "target";
export type Row = Record<string, string | null>;

/** Both clusters have a keyspace `commerce` of one shard `0`; the target knows the source as `mount`. */
export interface TabletsUnderTest {
  /** Of Vitess: 11, 14, 16, 18, 22; development after the newest counts as one more. */
  release: number;
  server: "mysql" | "mariadb";
  source: { topo: TopoConfig; primary: TabletRecord; replica: TabletRecord };
  target: { topo: TopoConfig; primary: TabletRecord };
  mount: string;
  /** Runs a script on a primary's MySQL itself, in the tablet's database; the rows of its last statement. */
  sql(side: Side, script: string): Promise<Row[]>;
  close(): Promise<void>;
}

/** The tablets under test with clients of them, and names for tables and workflows that no other test uses. */
export class Place {
  readonly #clients = createTabletClients();
  readonly #raw: RawTablet[] = [];
  readonly #topos: Topo[] = [];
  #names = 0;

  private constructor(readonly under: TabletsUnderTest) {}

  static async open(start: () => Promise<TabletsUnderTest>): Promise<Place> {
    return new Place(await start());
  }

  get source(): Tablet {
    return this.#clients.open(this.under.source.primary);
  }

  get replica(): Tablet {
    return this.#clients.open(this.under.source.replica);
  }

  get target(): Tablet {
    return this.#clients.open(this.under.target.primary);
  }

  /** A client of the tablet that a record describes, rightly or not. */
  open(record: TabletRecord): Tablet {
    return this.#clients.open(record);
  }

  get cell(): string {
    return this.under.source.primary.cell;
  }

  get isMariaDb(): boolean {
    return this.under.server === "mariadb";
  }

  /** How a column of JSON is described: MariaDB's JSON is another name of LONGTEXT, and is sent as a BLOB. */
  get jsonType(): "JSON" | "BLOB" {
    return this.isMariaDb ? "BLOB" : "JSON";
  }

  /** What this release answers: the value behind the newest release of `answers` that isn't newer than it. */
  since<T>(...answers: [release: number, answer: T][]): T {
    const known = answers.filter(([release]) => release <= this.under.release).at(-1);
    if (known === undefined) throw new Error(`no answer for release ${this.under.release}`);
    return known[1];
  }

  /** "customer" as a name of its own for this test: "c7_customer". */
  name(what: string): string {
    this.#names++;
    return `c${this.#names}_${what}`;
  }

  sql(side: Side, script: string): Promise<Row[]> {
    return this.under.sql(side, script);
  }

  /** Through the tablet, which so learns of it at once: tablets look at their MySQL's schema only now and then. */
  async create(side: Side, ddl: string): Promise<void> {
    await this[side].applySchema(`SET NAMES utf8mb4;\n${ddl}`);
  }

  async createOnBoth(ddl: string): Promise<void> {
    await this.create("source", ddl);
    await this.create("target", ddl);
  }

  /** VReplicationExec on the target. */
  async exec(query: string): Promise<Row[]> {
    return records(await this.target.vreplicationExec(query));
  }

  /** Messages of a primary's Query service that the port doesn't have, as tablets ask each other for them. */
  raw(side: Side): RawTablet {
    return this.rawFor(this.under[side].primary);
  }

  /** The same, asked for as if the tablet's record said this. */
  rawFor(record: TabletRecord): RawTablet {
    const opened = rawTablet(record);
    this.#raw.push(opened);
    return opened;
  }

  async topo(side: Side): Promise<Topo> {
    const opened = await openTopo(this.under[side].topo);
    this.#topos.push(opened);
    return opened;
  }

  /** Takes away what a test left: VDiffs, streams, tables. Streams that run on, and tables, cost every later test its time. */
  async clear(): Promise<void> {
    for (const { id, workflow } of await this.exec("select id, workflow from _vt.vreplication")) {
      // One that is tried again without streams ends a real tablet.
      const all = { keyspace: "commerce", workflow: workflow ?? "", action: "delete", actionArg: "all" };
      if (this.under.release >= 18) await this.target.vdiff(all);
      await this.exec(`delete from _vt.vreplication where id = ${id}`);
    }
    for (const side of ["source", "target"] as const) {
      const views = await this.#namesOf(side, "VIEW");
      const tables = await this.#namesOf(side, "BASE TABLE");
      const drops = [
        ...views.map((name) => `drop view \`${name}\``),
        ...tables.map((name) => `drop table \`${name}\``),
      ];
      if (drops.length > 0) await this.sql(side, ["set foreign_key_checks = 0", ...drops].join("; "));
    }
  }

  /** Of the tests' own names. */
  async #namesOf(side: Side, type: string): Promise<string[]> {
    const database = sqlString(this.under[side].primary.dbName);
    const found = await this.sql(
      side,
      `select table_name as name from information_schema.tables where table_schema = ${database} and table_type = '${type}'`,
    );
    return found.flatMap(({ name }) => (name && /^c\d+_/.test(name) ? [name] : []));
  }

  async close(): Promise<void> {
    for (const one of [...this.#raw, ...this.#topos]) one.close();
    this.#clients.close();
    await this.under.close();
  }
}

/** Polls until the check holds, and returns what it saw; fails with what it last saw. */
export async function until<T>(see: () => Promise<T>, check: (seen: T) => boolean, timeoutMs = 20_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const seen = await see();
    if (check(seen)) return seen;
    if (Date.now() > end) throw new Error(`after ${timeoutMs} ms still ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
