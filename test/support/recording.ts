/** What real clusters printed, and how it is compared: without times, ids, positions and addresses. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const dir = join(import.meta.dirname, "../fixtures/recordings");

interface RecordedCommand {
  /** Behind "$ vtctlclient ". */
  command: string;
  stdout: string;
  exit: number;
}

/** The commands of one recording in their order; lines of stderr are left out. */
function recordedCommands(file: string): RecordedCommand[] {
  return readFileSync(join(dir, file), "utf8")
    .split(/^\$ (?:vtctlclient|vtctldclient) /m)
    .slice(1)
    .map((block) => {
      const [command = "", ...lines] = block.split("\n");
      const end = lines.findIndex((line) => line.startsWith("[exit "));
      const body = lines.slice(0, end).filter((line) => !line.startsWith("[stderr]"));
      const stdout = body.map((line) => `${line}\n`).join("");
      return {
        command,
        stdout: stdout.replace(/<no newline at end of stdout>\n/, ""),
        exit: Number(/\d+/.exec(lines[end] ?? "")?.[0]),
      };
    });
}

/** The n-th recording of a command, counted from 0. */
export function recorded(file: string, command: string, n = 0): RecordedCommand {
  const found = recordedCommands(file).filter((entry) => entry.command === command)[n];
  if (found === undefined) throw new Error(`${file} has no command "${command}" number ${n}`);
  return found;
}

export function normalise(text: string): string {
  return text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:[\d:-]+\d|:\d)?/g, (_, __, gtids) =>
      gtids ? "<pos>" : "<uuid>",
    )
    .replace(/\b\d\d [A-Z][a-z]{2} \d\d \d\d:\d\d [A-Z+\d]+/g, "<time>")
    .replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\dZ?/g, "<time>")
    .replace(/"(TimeUpdated|TimeHeartbeat|TransactionTimestamp|MaxVReplication\w*Lag)": \d+/g, '"$1": <n>')
    .replace(/"ID": \d+/g, '"ID": <n>')
    .replace(/"RowsCopied": \d+/g, '"RowsCopied": <n>')
    .replace(/^id=\d+ on/gm, "id=<n> on")
    .replace(/\d{1,3}% \.\.\. /g, "")
    .replace(/VStream Lag: -?\d+s/g, "VStream Lag: <n>s")
    .replace(/took \d+ seconds/g, "took <n> seconds");
}
