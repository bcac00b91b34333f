/** Things to stop, last started first. */
export class Stack {
  readonly #closers: (() => void | Promise<void>)[] = [];
  #closed: Promise<void> | undefined;

  /** What is started while everything is being stopped is stopped at once. */
  push(closer: () => void | Promise<void>): void {
    if (this.#closed === undefined) this.#closers.push(closer);
    else this.#closed = this.#closed.finally(closer);
  }

  /** Stops everything even when one fails, then throws the first failure. A second call waits for the first. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll();
    return this.#closed;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const closer of this.#closers.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
