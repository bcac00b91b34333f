import type { Io, Progress } from "./io.js";
import { LiveProgress } from "./progress/live.js";
import { PlainProgress } from "./progress/plain.js";
import { type InputStream, readYes, writeToTerminal } from "./question.js";
import { type OutputStream, Sink } from "./sink.js";
import { withoutControls } from "./width.js";

export interface TerminalIo extends Io {
  /** Resolves when both streams are written out. */
  flush(): Promise<void>;
}

/**
 * The process's terminal: the answer on `stdout`, everything else on `stderr`. Live rows are lifted out
 * of the way while something else is printed. Control characters from servers don't reach a terminal.
 * `now` is the time in milliseconds that progress goes by; without `stdin` nobody is asked.
 */
export function terminalIo(
  stdout: OutputStream,
  stderr: OutputStream,
  { now = () => performance.now(), stdin }: { now?: () => number; stdin?: InputStream } = {},
): TerminalIo {
  const answers = new Sink(stdout);
  const notes = new Sink(stderr);
  let live: LiveProgress | undefined;

  const around = (print: () => void) => {
    live?.clear();
    print();
    live?.draw();
  };
  const note = (line: string) => around(() => notes.write(`${notes.isTerminal ? withoutControls(line) : line}\n`));
  return {
    print: (line) => around(() => answers.write(`${line}\n`)),
    write: (text) => around(() => answers.write(text)),
    note,
    warn: (line) => note(`Warning: ${line}`),
    async confirm(question, signal) {
      if (stdin?.isTTY !== true) return true;
      const text = `${withoutControls(question)} [y/N] `;
      // Redirected, stderr would keep the question from whoever is to answer it.
      if (notes.isTerminal || !writeToTerminal(text)) around(() => notes.write(text));
      return readYes(stdin, signal);
    },
    progress(): Progress {
      if (!notes.isTerminal) return new PlainProgress((line) => notes.write(`${line}\n`), now);
      live?.done();
      const current = new LiveProgress(notes, now, () => {
        if (live === current) live = undefined;
      });
      live = current;
      return current;
    },
    async flush() {
      await Promise.all([answers.flush(), notes.flush()]);
    },
  };
}
