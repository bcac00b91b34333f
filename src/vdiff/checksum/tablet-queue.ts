import pLimit, { type LimitFunction } from "p-limit";
import type { Tablet } from "../../tablet/port.js";
import type { ResultSet } from "../../wire/result.js";
import type { VdiffRun } from "../run-context.js";

/**
 * Asks tablets' MySQL, no more than so many statements at once on each. A statement that was begun runs to its end there
 * even if nobody waits for it any more.
 */
export class TabletQueue {
  readonly #limits = new Map<string, LimitFunction>();

  constructor(
    private readonly run: Pick<VdiffRun, "signal">,
    private readonly atOnce: number,
  ) {}

  ask(tablet: Tablet, query: string, timeoutMs: number, maxRows: number): Promise<ResultSet> {
    const { keyspace, alias } = tablet.record;
    const name = `${keyspace} ${alias}`;
    let limit = this.#limits.get(name);
    if (limit === undefined) {
      limit = pLimit(this.atOnce);
      this.#limits.set(name, limit);
    }
    const { signal } = this.run;
    return limit(() => tablet.executeFetchAsApp(query, { signal, timeoutMs, maxRows }));
  }
}
