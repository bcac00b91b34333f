import type { EncodedRow } from "../../wire/encoded-row.js";
import { SAMPLES } from "../report.js";
import type { Budget } from "./budget.js";
import { keepRow, keyOf, type Row, type RowShape } from "./row-shape.js";

export type Difference<R = Row> =
  | { kind: "mismatch"; source: R; target: R }
  | { kind: "extraSource"; source: R }
  | { kind: "extraTarget"; target: R };

export type DifferenceKind = Difference["kind"];

/** What one comparison of two sequences of rows found. */
export class Tally {
  matching = 0;
  readonly counts: Record<DifferenceKind, number> = { mismatch: 0, extraSource: 0, extraTarget: 0 };
  readonly samples: Difference[] = [];
  /**
   * Keys that want a second look, each with one of its rows (the key's columns, and those whose time zone is
   * converted): those of the differences, of rows that a limit left without their partner, and of postponed rows.
   */
  readonly suspects = new Map<string, Row>();
  /** Differences whose key found no room among the suspects. */
  readonly unchecked: Record<DifferenceKind, number> = { mismatch: 0, extraSource: 0, extraTarget: 0 };

  /** Keys of rows that didn't wait for their partner: only the second look can tell whether they have one. */
  private readonly postponed = new Set<string>();
  private readonly remembered: ReadonlySet<number>;
  private readonly matched: Set<string> | undefined;

  /** @param watchMatches for twins() and hasMet(): keeps the keys of rows that match */
  constructor(
    private readonly shape: RowShape,
    private readonly maxSuspects: number,
    private readonly budget: Budget,
    watchMatches = false,
  ) {
    this.matched = watchMatches ? new Set() : undefined;
    this.remembered = new Set([...shape.key, ...(shape.zoned ?? [])]);
  }

  get processed(): number {
    return this.matching + this.counts.mismatch + this.counts.extraSource + this.counts.extraTarget;
  }

  /** Keys of which one row has its partner and another is too many: a copy of it lies on another shard. */
  get twins(): number {
    return [...this.suspects.keys()].filter((key) => this.matched?.has(key)).length;
  }

  get hasPostponed(): boolean {
    return this.postponed.size > 0;
  }

  isPostponed(key: string): boolean {
    return this.postponed.has(key);
  }

  /** Whether either side had a row with this key; with `watchMatches` only. */
  hasMet(key: string): boolean {
    return this.suspects.has(key) || (this.matched?.has(key) ?? false);
  }

  match(row: EncodedRow): void {
    this.matching++;
    this.matched?.add(keyOf(row, this.shape));
  }

  difference(difference: Difference<EncodedRow>): void {
    const { kind } = difference;
    const row = kind === "extraTarget" ? difference.target : difference.source;
    const key = keyOf(row, this.shape);
    if (this.counts[kind] < SAMPLES) this.samples.push(keep(difference));
    this.counts[kind]++;
    if (!this.remember(key, row)) this.unchecked[kind]++;
  }

  /** Leaves a row, and all others of its key, to the second look. False when there is no room left. */
  postpone(row: EncodedRow): boolean {
    const key = keyOf(row, this.shape);
    if (!this.remember(key, row)) return false;
    this.postponed.add(key);
    return true;
  }

  /** A row that a limit left without its partner; if there is room. */
  suspect(row: EncodedRow): void {
    this.remember(keyOf(row, this.shape), row);
  }

  /** False when there is no room left. */
  private remember(key: string, row: EncodedRow): boolean {
    if (this.suspects.has(key)) return true;
    if (this.suspects.size >= this.maxSuspects) return false;
    const kept = keepRow(row, this.remembered);
    const bytes = bytesOf(key, kept);
    if (bytes > this.budget.suspectBytes) return false;
    this.budget.suspectBytes -= bytes;
    this.suspects.set(key, kept);
    return true;
  }
}

/** Roughly, in memory. */
function bytesOf(key: string, row: Row): number {
  return row.reduce((sum, value) => sum + (value === null ? 8 : value.length + 100), key.length + 200);
}

function keep(difference: Difference<EncodedRow>): Difference {
  switch (difference.kind) {
    case "mismatch":
      return { kind: "mismatch", source: keepRow(difference.source), target: keepRow(difference.target) };
    case "extraSource":
      return { kind: "extraSource", source: keepRow(difference.source) };
    case "extraTarget":
      return { kind: "extraTarget", target: keepRow(difference.target) };
  }
}
