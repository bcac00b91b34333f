import type { HelpTopic } from "./cli/program.js";

export const topics: readonly HelpTopic[] = [
  { name: "connection", summary: "how the target cluster is found", load: async () => connection },
  { name: "exit-codes", summary: "what the exit codes mean", load: async () => exitCodes },
];

const connection = `How vtmigrate finds the target cluster

vtmigrate reads and writes the target cluster's topology itself; no vtctld is needed.

  flag                           environment                             default
  -topo_implementation           VTMIGRATE_TOPO_IMPLEMENTATION           etcd2
  -topo_global_server_address    VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS    none
  -topo_global_root              VTMIGRATE_TOPO_GLOBAL_ROOT              none

Flags win over the environment, and may stand before or behind the command:

  export VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS=localhost:2379
  export VTMIGRATE_TOPO_GLOBAL_ROOT=/vitess/global
  vtmigrate Mount -list

  vtmigrate -topo_global_server_address localhost:2379 -topo_global_root /vitess/global Mount -list

The source cluster is found through its mount: vtmigrate help Mount.
-server and glog's flags are accepted and ignored.
`;

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
