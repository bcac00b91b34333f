import { FailedError } from "../../errors.js";
import type { EncodedRow } from "../../wire/encoded-row.js";
import type { Budget } from "./align.js";

/** Rows that have not met their partner yet. */
export class Waiting {
  private readonly byKey = new Map<string, EncodedRow[]>();

  constructor(private readonly budget: Budget) {}

  /** FailedError when the budget is used up. */
  add(key: string, row: EncodedRow): void {
    this.budget.bytes -= bytesOf(key, row);
    if (this.budget.bytes < 0) throw tooFarApart(this.budget.maxPendingBytes);
    const same = this.byKey.get(key);
    if (same === undefined) this.byKey.set(key, [row]);
    else same.push(row);
  }

  take(key: string): EncodedRow | undefined {
    const same = this.byKey.get(key);
    const row = same?.pop();
    if (row === undefined) return undefined;
    this.budget.bytes += bytesOf(key, row);
    if (same?.length === 0) this.byKey.delete(key);
    return row;
  }

  *rows(): Iterable<EncodedRow> {
    for (const same of this.byKey.values()) yield* same;
  }
}

/** Roughly, in memory. */
function bytesOf(key: string, row: EncodedRow): number {
  return key.length + row.size + 400;
}

function tooFarApart(bytes: number): FailedError {
  return new FailedError(
    `more than ${Math.round(bytes / 1024 / 1024)} MiB of rows wait for their partner: the two sides come in very different orders, or differ almost everywhere`,
    { hint: "Compare fewer rows with -limit, or leave the table out with -tables." },
  );
}
