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
  /** Live rows on stderr: redrawn in place on a TTY, a plain line every few seconds otherwise. */
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
  /** Unknown or estimated totals: undefined, or `estimated`. */
  total?: number;
  estimated?: boolean;
  /** "copying", "comparing", ... */
  state?: string;
  /** Nothing more will happen to this row; absent: when `done` has reached `total`. */
  finished?: boolean;
}
