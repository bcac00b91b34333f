import pLimit, { type LimitFunction } from "p-limit";
import type { CallOptions, Tablet } from "../../tablet/port.js";
import type { ResultSet } from "../../wire/result.js";

/**
 * Asks tablets' MySQL, no more than so many statements at once on each. A statement that was begun runs to its end there
 * even if nobody waits for it any more.
 */
export class TabletQueue {
  readonly #limits = new Map<Tablet, LimitFunction>();

  constructor(private readonly atOnce: number) {}

  ask(tablet: Tablet, query: string, options: Required<CallOptions> & { maxRows: number }): Promise<ResultSet> {
    let limit = this.#limits.get(tablet);
    if (limit === undefined) {
      limit = pLimit(this.atOnce);
      this.#limits.set(tablet, limit);
    }
    return limit(() => tablet.executeFetchAsApp(query, options));
  }
}
