/** What commands may do to the terminal. Nothing outside io/ writes to stdout or stderr. */
export interface Io {
  /** A line of the answer, on stdout. */
  print(line: string): void;
  /** Text of the answer without a newline added. */
  write(text: string): void;
  /** A line for people, on stderr: what happened, what to do next. */
  note(line: string): void;
  /** "Warning: ..." on stderr. */
  warn(line: string): void;
  /**
   * Asks a person at a terminal; only "y" or "yes" is true. Where nobody sits at one it is true at once: a
   * script has said what it wants. Rejects with the signal's reason.
   */
  confirm(question: string, signal: AbortSignal): Promise<boolean>;
  /** Rows on stderr with their pace and time left: redrawn in place on a TTY, a plain line now and then otherwise. */
  progress(): Progress;
}

export interface Progress {
  /** The current picture, a row per table; rendering is throttled. */
  update(rows: ProgressRow[]): void;
  /** Ends the display; the last picture stays on a TTY. */
  done(): void;
}

export interface ProgressRow {
  label: string;
  done: number;
  /** That were read for it; absent where nobody counts them. */
  bytes?: number;
  /** Unknown or estimated totals: undefined, or `estimated`. */
  total?: number;
  estimated?: boolean;
  /** The estimate is no basis for a time left. */
  rough?: boolean;
  /** "copying", "comparing", ... */
  state?: string;
  /** Nothing more will happen to this row; absent: when `done` has reached `total`. */
  finished?: boolean;
}
