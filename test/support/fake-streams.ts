/** Streams that keep what is written to them. */
import type { OutputStream } from "../../src/io/sink.js";
import { type TerminalIo, terminalIo } from "../../src/io/terminal.js";

export class FakeStream implements OutputStream {
  text = "";
  private listener: ((error: NodeJS.ErrnoException) => void) | undefined;

  constructor(
    readonly isTTY = false,
    readonly columns?: number,
    readonly rows?: number,
  ) {}

  write(text: string, done?: () => void): boolean {
    this.text += text;
    done?.();
    return true;
  }

  on(_event: "error", listener: (error: NodeJS.ErrnoException) => void): void {
    this.listener = listener;
  }

  /** What a pipe says when its reader is gone. */
  fail(code: string): void {
    this.listener?.(Object.assign(new Error(code), { code }));
  }
}

export function captureIo(): { io: TerminalIo; stdout: FakeStream; stderr: FakeStream } {
  const stdout = new FakeStream();
  const stderr = new FakeStream();
  return { io: terminalIo(stdout, stderr), stdout, stderr };
}

/** The screen after the escape sequences that progress uses: cursor up, erase below, erase to the end of the line. */
export function screen(text: string): string[] {
  const lines = [""];
  let row = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with one
  for (const part of text.split(/(\u001b\[\d*[A-Z]|\r|\n)/)) {
    if (part === "\n") {
      row++;
      lines[row] ??= "";
    } else if (part.endsWith("A") && part.startsWith("\u001b[")) {
      row -= Number(part.slice(2, -1));
    } else if (part === "\u001b[J") {
      lines.length = row;
      lines[row] = "";
    } else if (part !== "\r" && part !== "\u001b[K") {
      // What is erased behind a text is all that was longer before: lines are written from their beginning.
      lines[row] = part === "" ? (lines[row] ?? "") : part;
    }
  }
  return lines.slice(0, row);
}
