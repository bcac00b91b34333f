const MAX_PENDING_BYTES = 256 * 1024 * 1024;

/** What alignments that are under way at once may use together. */
export class Budget {
  /** Of rows that may still wait for their partner. */
  bytes: number;

  constructor(
    /** That may still be made: a pair of rows, or a row without a partner, is one. */
    public steps: number,
    readonly maxPendingBytes = MAX_PENDING_BYTES,
  ) {
    this.bytes = maxPendingBytes;
  }
}
