import type { Summary } from "./summary.js";

/** Longer than the tablets wait for each other, in milliseconds. */
const BEYOND_WAIT_MS = 60_000;

/** Notices when nothing has changed for as long as the tablets wait for a position, and a minute. */
export class Standstill {
  #seen = "";
  #since = 0;

  /** `waitMs`: for a tablet to catch up with a position. */
  constructor(private readonly waitMs: number) {}

  /** Milliseconds since the last change, once that is too long; then they are counted from here on. */
  since({ shards }: Summary, now: number): number | undefined {
    const seen = JSON.stringify(shards);
    const stood = now - this.#since;
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#since = now;
      return undefined;
    }
    if (stood < this.waitMs + BEYOND_WAIT_MS) return undefined;
    this.#since = now;
    return stood;
  }
}
