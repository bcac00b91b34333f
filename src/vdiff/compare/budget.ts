const MAX_PENDING_BYTES = 256 * 1024 * 1024;
/** Enough for 100,000 keys of some 200 bytes. */
const MAX_SUSPECT_BYTES = 64 * 1024 * 1024;

/** What alignments that are under way at once may use together. */
export class Budget {
  /** Of rows that may still wait for their partner. */
  bytes: number;

  constructor(
    /** That may still be made: a pair of rows, or a row without a partner, is one. */
    public steps: number,
    readonly maxPendingBytes = MAX_PENDING_BYTES,
    /** Of rows that may be kept for a second look. */
    public suspectBytes = MAX_SUSPECT_BYTES,
  ) {
    this.bytes = maxPendingBytes;
  }
}
