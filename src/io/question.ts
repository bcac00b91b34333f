import { writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

/** The part of process.stdin that is used here. */
export type InputStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** To the terminal that the process belongs to, wherever its output goes; false when it has none. */
export function writeToTerminal(text: string): boolean {
  try {
    writeFileSync("/dev/tty", text);
    return true;
  } catch {
    return false;
  }
}

/**
 * One line from a terminal: true for "y" and "yes", false for anything else and at the end of the input. Rejects with the
 * signal's reason.
 */
export function readYes(input: InputStream, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // Left to itself, readline would take Ctrl-C away from the process.
    const lines = createInterface({ input, terminal: false });
    const onAbort = () => {
      reject(signal.reason);
      lines.close();
    };
    lines.once("line", (line) => {
      resolve(/^y(es)?$/i.test(line.trim()));
      lines.close();
    });
    lines.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      resolve(false);
    });
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
