/** What a tool answers, in a form in which both can be compared. */
import type { CliResult } from "../../support/cli.js";
import type { ProgramResult } from "../harness/run-program.js";

export interface Answer {
  exit: "0" | "not 0";
  /** Without the error's line, which vtctlclient prints there too. */
  stdout: string;
  /** "Migrate Error: ...", without what gRPC puts in front of the message. */
  error: string;
}

/** vtctlclient prints its error as stdout's last lines: "Migrate Error: rpc error: code = Unknown desc = ...". */
export function vtctlclientAnswer({ code, stdout }: ProgramResult): Answer {
  const failed = /(^|\n)(\S+ Error: )(?:rpc error: code = \w+ desc = )?([\s\S]*)$/.exec(stdout);
  if (code === 0 || failed === null) return { exit: exitOf(code), stdout: normal(stdout), error: "" };
  const [, newline = "", head = "", message = ""] = failed;
  return {
    exit: exitOf(code),
    stdout: normal(stdout.slice(0, failed.index + newline.length)),
    error: normal(withoutGo(`${head}${message}`.trim())),
  };
}

/** vtmigrate prints it on stderr, with a hint behind it. */
export function vtmigrateAnswer({ code, stdout, stderr }: CliResult): Answer {
  const failed = /(?:^|\n)(\S+ Error: [\s\S]*?)(?:\nHint: [\s\S]*)?$/.exec(stderr);
  const error = code === 0 || code === 3 ? "" : (failed?.[1] ?? stderr);
  return { exit: exitOf(code), stdout: normal(stdout), error: normal(error.trim()) };
}

function exitOf(code: number | null): Answer["exit"] {
  return code === 0 ? "0" : "not 0";
}

/** vterrors' own code in front of a message, and protobuf-go's no-break spaces. */
function withoutGo(message: string): string {
  return message.replaceAll("Code: INVALID_ARGUMENT\n", "");
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** UUIDs that cases choose are kept. */
const CHOSEN = /^(\d)\1{7}-/;

/** Times, lags, ids and whatever else differs from one run to the next. */
const CHANGING: [RegExp, string][] = [
  [/\u00a0/g, " "],
  [/"(\w*Time\w*|MaxVReplication\w*Lag|RowsCopied|ID)": -?\d+/g, '"$1": N'],
  [/\bid=\d+ on/g, "id=N on"],
  // A small table is copied, or not yet, by the time that the line is printed.
  [/Status: (?:Running|Copying)\. VStream Lag: -?\d+s\.(?: Tx time: [^\n.]*\.)?/g, "Status: Running."],
  // How often it had to ask.
  [/(?:\d+% \.\.\. )+/g, ""],
  [/run at \d\d \w{3} \d\d \d\d:\d\d \w+/g, "run at TIME"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "TIME"],
  [/took \d+ seconds/g, "took N seconds"],
  [/MariaDB\/[\d-]+|\b[\da-f-]{36}:[\d,:-]+/g, "POSITION"],
];

/** Rows of tables by tablet, and by UUID: vtctlclient's come as the tablets answer. */
const ROWS = /^\| +(?:\S+-\d{10}|[\da-f-]{36}) \|.*$/gm;

function normal(text: string): string {
  const rows = [...(text.match(ROWS) ?? [])].sort();
  const sorted = text.replace(ROWS, () => rows.shift() ?? "");
  const fixed = CHANGING.reduce((changed, [pattern, by]) => changed.replace(pattern, by), sorted);
  return chosenUuids(fixed);
}

/** Other UUIDs are made anew each time. */
export function chosenUuids(text: string): string {
  return text.replace(UUID, (uuid) => (CHOSEN.test(uuid) ? uuid : "UUID"));
}
