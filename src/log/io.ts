import type { Log } from "../context.js";
import type { Io } from "../io/io.js";

/** The same terminal; what people are told is in the log too, so that it tells the whole story. */
export function loggedIo(io: Io, log: Log): Io {
  return {
    print: (line) => io.print(line),
    write: (text) => io.write(text),
    note: (line) => {
      log.info({ told: line }, "note");
      io.note(line);
    },
    warn: (line) => {
      log.warn({ told: line }, "warning");
      io.warn(line);
    },
    confirm: async (question, signal) => {
      const answer = await io.confirm(question, signal);
      log.info({ asked: question, answer }, "question");
      return answer;
    },
    progress: () => io.progress(),
  };
}
