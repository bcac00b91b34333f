import { closeSync, openSync, readSync } from "node:fs";

/** A moment of a command's run, by the lines of its -log_file. */
export interface Moment {
  /** How a step's line begins: "Stop the streams". "" is the command before its first step. */
  step: string;
  /** Before the first byte of it goes anywhere, after its last one came back, or instead of its n-th answer from there. */
  at: "before" | "after" | number;
}

/** Follows the log of a running command. Its lines are written before what they tell of is sent anywhere. */
export class StepLog {
  readonly #file: number;
  #rest = "";
  readonly #done = new Set<string>();
  readonly #begun: string[] = [];

  /** `path` is a file of this command alone, which need not be there yet. */
  constructor(path: string) {
    this.#file = openSync(path, "a+");
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Everything that was begun, in order; the command itself is "". */
  get begun(): string[] {
    this.#read();
    return [...this.#begun];
  }

  /** Whether the step has begun (and perhaps is done). */
  hasBegun(step: string): boolean {
    this.#read();
    return this.#begun.some((text) => text.startsWith(step));
  }

  isDone(step: string): boolean {
    this.#read();
    return [...this.#done].some((text) => text.startsWith(step));
  }

  #read(): void {
    const chunk = Buffer.alloc(64 * 1024);
    for (let length = -1; length !== 0; ) {
      length = readSync(this.#file, chunk);
      this.#rest += chunk.toString("utf8", 0, length);
    }
    const lines = this.#rest.split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#take(JSON.parse(line));
  }

  #take({ msg, step = "" }: { msg: string; step?: string }): void {
    if (msg === "command" || msg === "step") this.#begun.push(step);
    if (msg === "step done") this.#done.add(step);
  }
}
