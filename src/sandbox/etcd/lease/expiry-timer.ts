/** setTimeout takes no more. */
const maxDelayMs = 2 ** 31 - 1;

/** One timer for the next point in time (performance.now(), milliseconds) at which something expires. */
export class ExpiryTimer {
  #timer: NodeJS.Timeout | undefined;
  #at: number | undefined;

  constructor(private readonly expired: () => void) {}

  set(at: number | undefined): void {
    if (at === this.#at) {
      return;
    }
    this.stop();
    if (at === undefined) {
      return;
    }
    this.#at = at;
    const delay = Math.min(Math.max(0, Math.ceil(at - performance.now())), maxDelayMs);
    this.#timer = setTimeout(() => {
      this.stop();
      this.expired();
    }, delay);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = undefined;
  }
}
