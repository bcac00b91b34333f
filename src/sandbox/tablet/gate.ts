/** Something that can be shut: who comes by waits until it is opened again. */
export class Gate {
  #waiting: { opened: Promise<void>; open: () => void } | undefined;

  get isOpen(): boolean {
    return this.#waiting === undefined;
  }

  close(): void {
    if (this.#waiting !== undefined) return;
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.#waiting = { opened, open };
  }

  open(): void {
    this.#waiting?.open();
    this.#waiting = undefined;
  }

  /** Resolves when the gate is open; rejects with the signal's reason. */
  async pass(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.#waiting !== undefined) {
      const { opened } = this.#waiting;
      await abortable(opened, signal);
    }
  }
}

/** The promise's outcome, or the signal's reason if that comes first. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** Resolves after `ms` milliseconds; rejects with the signal's reason. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  try {
    await abortable(slept, signal);
  } finally {
    clearTimeout(timer);
  }
}
