import { type Case, kinds } from "./cases.js";
import { subjects } from "./subjects.js";

/** How many faults were injected and survived, by command and kind. */
export class Tally {
  readonly #injected: Case[] = [];
  readonly #survived: Case[] = [];

  injected(one: Case): void {
    this.#injected.push(one);
  }

  survived(one: Case): void {
    this.#survived.push(one);
  }

  /** A line for each command, "Cancel: cut 7 of 7, ...". */
  text(which: string): string {
    const lines = subjects.flatMap((subject) => {
      const counts = kinds.flatMap((kind) => {
        const of = (cases: Case[]) => cases.filter((one) => one.subject === subject && one.kind === kind).length;
        return of(this.#injected) === 0 ? [] : [`${kind} ${of(this.#survived)} of ${of(this.#injected)}`];
      });
      return counts.length === 0 ? [] : [`  ${subject.name}: ${counts.join(", ")}`];
    });
    const total = `${this.#survived.length} of ${this.#injected.length} injected faults survived (${which})`;
    return [total, ...lines].join("\n");
  }
}
