/** The part of process.stdout and process.stderr that is used here. */
export interface OutputStream {
  write(text: string, done?: () => void): boolean;
  on(event: "error", listener: (error: NodeJS.ErrnoException) => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/**
 * A stream whose reader may go away: after EPIPE what is written is dropped, and the command goes on to
 * its end, because closing a pager must not abandon a migration halfway.
 */
export class Sink {
  private gone = false;

  constructor(private readonly stream: OutputStream) {
    stream.on("error", (error) => {
      if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED" && error.code !== "EIO") throw error;
      this.gone = true;
    });
  }

  get isTerminal(): boolean {
    return this.stream.isTTY === true;
  }

  /** Terminals that don't say are 80 columns wide. */
  get columns(): number {
    return this.stream.columns || 80;
  }

  get rows(): number {
    return this.stream.rows || 24;
  }

  write(text: string): void {
    if (!this.gone) this.stream.write(text);
  }

  /** Resolves when everything written so far has left the process, or its reader has. */
  flush(): Promise<void> {
    if (this.gone) return Promise.resolve();
    return new Promise((resolve) => {
      this.stream.write("", () => resolve());
    });
  }
}
