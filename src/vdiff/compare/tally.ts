import { SAMPLES } from "../report.js";
import { detach, keyOf, type Row, type RowShape } from "./row-shape.js";

export type Difference =
  | { kind: "mismatch"; source: Row; target: Row }
  | { kind: "extraSource"; source: Row }
  | { kind: "extraTarget"; target: Row };

export type DifferenceKind = Difference["kind"];

/** What one comparison of two sequences of rows found. */
export class Tally {
  matching = 0;
  readonly counts: Record<DifferenceKind, number> = { mismatch: 0, extraSource: 0, extraTarget: 0 };
  readonly samples: Difference[] = [];
  /**
   * Keys that want a second look, each with one of its rows (the key's columns, and those whose time zone is
   * converted): those of the differences, and of rows that a limit left without their partner.
   */
  readonly suspects = new Map<string, Row>();
  /** Differences whose key found no room among the suspects. */
  readonly unchecked: Record<DifferenceKind, number> = { mismatch: 0, extraSource: 0, extraTarget: 0 };

  private readonly remembered: ReadonlySet<number>;

  constructor(
    private readonly shape: RowShape,
    private readonly maxSuspects: number,
  ) {
    this.remembered = new Set([...shape.key, ...(shape.zoned ?? [])]);
  }

  get processed(): number {
    return this.matching + this.counts.mismatch + this.counts.extraSource + this.counts.extraTarget;
  }

  difference(difference: Difference): void {
    const { kind } = difference;
    const room = this.counts[kind] < SAMPLES;
    this.counts[kind]++;
    const kept = room ? keep(difference) : difference;
    if (room) this.samples.push(kept);
    if (!this.suspect(kept.kind === "extraTarget" ? kept.target : kept.source)) this.unchecked[kind]++;
  }

  /** False when there is no room left. */
  suspect(row: Row): boolean {
    const key = keyOf(row, this.shape);
    if (this.suspects.has(key)) return true;
    if (this.suspects.size >= this.maxSuspects) return false;
    this.suspects.set(key, detach(row.map((value, i) => (this.remembered.has(i) ? value : null))));
    return true;
  }
}

function keep(difference: Difference): Difference {
  switch (difference.kind) {
    case "mismatch":
      return { kind: "mismatch", source: detach(difference.source), target: detach(difference.target) };
    case "extraSource":
      return { kind: "extraSource", source: detach(difference.source) };
    case "extraTarget":
      return { kind: "extraTarget", target: detach(difference.target) };
  }
}
