import { FailedError } from "../../errors.js";
import type { Tablet } from "../../tablet/port.js";
import type { ResultSet } from "../../wire/result.js";
import type { Job } from "../compare/pass.js";
import type { Side, VdiffRun } from "../run-context.js";
import { addUp, type Checksum, readChecksums, TableQueries } from "./queries.js";
import { type Bound, isSameBound, rangeKey, type Span } from "./range-key.js";
import type { TabletQueue } from "./tablet-queue.js";

/** Rows that a server digests in a second, at the least. */
const SLOWEST = 20_000;

/** One table on the shards of a job, both sides. */
export class TableSides {
  readonly key: ReturnType<typeof rangeKey>;
  readonly #queries: Record<Side, TableQueries>;
  readonly #tablets: Record<Side, Tablet[]>;
  /** Of a statement about a range, and of one that may have to go through a whole table. */
  readonly #timeoutMs: { range: number; table: number };
  readonly #isCutFinely: boolean;

  /** @param signal ends what is under way */
  constructor(
    run: VdiffRun,
    private readonly queue: TabletQueue,
    { plan, group }: Job,
    private readonly signal: AbortSignal,
  ) {
    this.key = rangeKey(plan);
    this.#queries = {
      source: new TableQueries(plan, "source", this.key),
      target: new TableQueries(plan, "target", this.key),
    };
    this.#tablets = {
      source: group.sources.map((shard) => of(run.sourceTablets, shard)),
      target: group.targets.map((shard) => of(run.targetTablets, shard)),
    };
    this.#timeoutMs = { range: run.waitMs, table: run.waitMs + (plan.mostRows / SLOWEST) * 1000 };
    this.#isCutFinely = this.key.length > 0 && this.key.length === plan.shape.key.length;
  }

  /** One for each of the parts that a span was cut into, of all shards of one side. */
  async checksums(side: Side, span: Span, parts: readonly Span[]): Promise<Checksum[]> {
    const ofShards = await Promise.all(
      this.#tablets[side].map(async (tablet) => {
        const query = this.#queries[side].checksums(tablet.record.dbName, span, parts);
        return readChecksums(await this.#ask(tablet, query, span, parts.length), parts.length);
      }),
    );
    return parts.map((_, i) => addUp(ofShards.flatMap((checksums) => checksums[i] ?? [])));
  }

  /**
   * Cuts a span into such of about `rows` rows on this side. They touch and leave nothing out, so rows that come while
   * it is cut, or that the other side alone has, are in one of them as well.
   */
  async *cut(side: Side, span: Span, rows: number): AsyncGenerator<Span> {
    const tablets = this.#tablets[side];
    // Shards are about as large as each other; where they aren't, the others go on where the first has no more rows.
    const each = Math.max(1, Math.ceil(rows / tablets.length));
    let after = span.after;
    for (const tablet of tablets) {
      for (;;) {
        const bound = await this.#bound(side, tablet, { after, upTo: span.upTo }, each);
        if (bound === undefined || isSameBound(bound, after) || isSameBound(bound, span.upTo)) break;
        yield { after, upTo: bound };
        after = bound;
      }
    }
    yield { after, upTo: span.upTo };
  }

  async #bound(side: Side, tablet: Tablet, span: Span, rows: number): Promise<Bound | undefined> {
    const queries = this.#queries[side];
    const query = queries.bound(tablet.record.dbName, span, rows);
    return queries.readBound(await this.#ask(tablet, query, span, 1));
  }

  #ask(tablet: Tablet, query: string, { after, upTo }: Span, maxRows: number): Promise<ResultSet> {
    const isRange = this.#isCutFinely && after !== undefined && upTo !== undefined;
    const timeoutMs = isRange ? this.#timeoutMs.range : this.#timeoutMs.table;
    return this.queue.ask(tablet, query, { signal: this.signal, timeoutMs, maxRows });
  }
}

function of(tablets: ReadonlyMap<string, Tablet>, shard: string): Tablet {
  const tablet = tablets.get(shard);
  if (tablet === undefined) throw new FailedError(`nothing reads shard ${shard}`);
  return tablet;
}
