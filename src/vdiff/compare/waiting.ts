import { FailedError } from "../../errors.js";
import type { EncodedRow } from "../../wire/encoded-row.js";
import type { Budget } from "./budget.js";

/** Rows that have not met their partner yet, the oldest first. */
export class Waiting {
  private readonly byKey = new Map<string, EncodedRow[]>();
  /** Of the budget's. */
  bytes = 0;

  constructor(private readonly budget: Budget) {}

  add(key: string, row: EncodedRow): void {
    this.charge(bytesOf(key, row));
    const same = this.byKey.get(key);
    if (same === undefined) this.byKey.set(key, [row]);
    else same.push(row);
  }

  take(key: string): EncodedRow | undefined {
    const same = this.byKey.get(key);
    const row = same?.pop();
    if (row === undefined) return undefined;
    this.charge(-bytesOf(key, row));
    if (same?.length === 0) this.byKey.delete(key);
    return row;
  }

  /** Takes the rows that have waited longest, so many bytes of them or all. */
  *takeOldest(bytes: number): Iterable<EncodedRow> {
    const enough = this.bytes - bytes;
    for (const [key, same] of this.byKey) {
      if (this.bytes <= enough) return;
      this.byKey.delete(key);
      for (const row of same) {
        this.charge(-bytesOf(key, row));
        yield row;
      }
    }
  }

  /** Takes all. */
  takeAll(): Iterable<EncodedRow> {
    return this.takeOldest(this.bytes);
  }

  private charge(bytes: number): void {
    this.bytes += bytes;
    this.budget.bytes -= bytes;
  }
}

/** Roughly, in memory. */
function bytesOf(key: string, row: EncodedRow): number {
  return key.length + row.size + 400;
}

export function tooFarApart({ maxPendingBytes }: Budget): FailedError {
  return new FailedError(
    `more than ${Math.round(maxPendingBytes / 1024 / 1024)} MiB of rows wait for their partner: the two sides come in very different orders, or differ almost everywhere`,
    { hint: "Compare fewer rows with -limit, or leave the table out with -tables." },
  );
}
