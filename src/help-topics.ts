import type { HelpTopic } from "./cli/program.js";

export const topics: readonly HelpTopic[] = [
  {
    name: "connection",
    summary: "how clusters are reached: addresses, TLS, users, contexts",
    load: async () => (await import("./help-connection.js")).connection,
  },
  { name: "exit-codes", summary: "what the exit codes mean", load: async () => exitCodes },
];

const exitCodes = `Exit codes

    0  done; for VDiff: the tables are equal
    1  failed
    2  usage: unknown command or flag, missing argument, file that can't be read
    3  VDiff found differences; also VDiff ... show, at work or not, and
       ValidateSchemaKeyspace; Doctor found something
    4  authentication or TLS was refused
    5  a topology server or a tablet doesn't answer
    6  not found: keyspace, mount, workflow, table
    7  conflict: exists already, locked by somebody else, or in the wrong state;
       a tablets' VDiff was stopped
    8  still running when the time was up, or when VDiff ... show looked
    9  a check before any change said no
  130  interrupted

With -json the last line of stderr tells the same:
  {"error":{"code":"not-found","message":"...","hint":"...","exit_code":6}}
`;
