import { Access } from "./access/access.js";
import { securityOptions, typedReferences } from "./access/options.js";
import { flag, integer, text } from "./cli/command.js";
import type { Opened, OpenRequest } from "./cli/program.js";
import type { Context, Log } from "./context.js";
import { hideCredentials } from "./credentials.js";
import { AuthError } from "./errors.js";
import type { Io } from "./io/io.js";
import { createLog } from "./log/create.js";
import { loggedIo } from "./log/io.js";
import { loggedConn, loggedTablets } from "./log/ports.js";
import { systemClock } from "./system-clock.js";
import type { TabletClients } from "./tablet/port.js";
import type { Topo } from "./topo/port.js";

/**
 * Flags of every command. The connection is spelled as vtctl and vtctld spell it (go/vt/topo/server.go);
 * what glog and vtctlclient know is accepted, so that `alias vtctlclient=vtmigrate` works.
 */
export const globalOptions = {
  topoImplementation: text("type of the target cluster's topology server (default etcd2)", "", {
    spelling: "topo_implementation",
  }),
  topoGlobalServerAddress: text("address of the target cluster's topology server: host:port[,host:port]", "", {
    spelling: "topo_global_server_address",
  }),
  topoGlobalRoot: text("path of the global topology in that server: /vitess/global", "", {
    spelling: "topo_global_root",
  }),
  context: text('which of your contexts to use: see "help connection"', ""),
  ...securityOptions("target"),
  logFile: text("append a log, one JSON object a line, to this file", "", { spelling: "log_file" }),
  v: integer("how much goes into the log: 0, 1 or 2", 0),
  server: text("ignored: there is no vtctld", "", { hidden: true }),
  logtostderr: flag("ignored", false, { hidden: true }),
  alsologtostderr: flag("ignored", false, { hidden: true }),
  stderrthreshold: text("ignored", "", { hidden: true }),
  logDir: text("ignored", "", { spelling: "log_dir", hidden: true }),
  vmodule: text("ignored", "", { hidden: true }),
  logBacktraceAt: text("ignored", "", { spelling: "log_backtrace_at", hidden: true }),
  logRotateMaxSize: text("ignored", "", { spelling: "log_rotate_max_size", hidden: true }),
};

type Globals = typeof globalOptions;

/** The context of one command: nothing is loaded or connected before the command asks for it. */
export async function openContext(request: OpenRequest<Globals>): Promise<Opened<Context>> {
  const { globals, given, words, signal } = request;
  const log = await createLog(globals.logFile, globals.v, (text) => request.io.warn(text));
  log.info({ words: hideCredentials(words) }, "command");
  const io = globals.logFile === "" ? request.io : loggedIo(request.io, log);
  if (given.has("server")) io.note("-server is ignored: vtmigrate reads the topology itself and needs no vtctld.");
  const callLog = globals.logFile !== "" && globals.v > 0 ? log : undefined;
  const access = new Access(
    {
      implementation: globals.topoImplementation,
      server: globals.topoGlobalServerAddress,
      root: globals.topoGlobalRoot,
      context: globals.context,
      references: typedReferences(globals),
    },
    { env: process.env, cwd: process.cwd(), signal },
  );
  const connection = new Connection(access, io, signal, callLog);
  return {
    ctx: {
      io,
      log,
      signal,
      clock: systemClock,
      access,
      topo: () => connection.topo(),
      tablets: () => connection.tablets(),
    },
    logEnd: (exitCode, error) => {
      if (error === undefined) log.info({ exitCode }, "command ended");
      else log.error({ exitCode, err: error }, "command failed");
    },
    close: () => connection.close(),
  };
}

/** What a command has opened. */
class Connection {
  private pending: Promise<Topo> | undefined;
  private opened: Topo | undefined;
  private createClients: (() => TabletClients) | undefined;
  private clients: TabletClients | undefined;

  constructor(
    private readonly access: Access,
    private readonly io: Io,
    private readonly signal: AbortSignal,
    /** Where each call is logged; undefined: nowhere. */
    private readonly callLog: Log | undefined,
  ) {}

  topo(): Promise<Topo> {
    this.pending ??= this.open();
    return this.pending;
  }

  /** Tablets are found in the topology: it has been opened before, and their code was loaded with it. */
  tablets(): TabletClients {
    if (this.createClients === undefined) throw new Error("tablets() before topo()");
    this.clients ??= this.createClients();
    return this.clients;
  }

  close(): void {
    this.clients?.close();
    this.opened?.close();
  }

  private async open(): Promise<Topo> {
    const { access, callLog } = this;
    const { config } = await access.target();
    const [security, { openTopo }, { createTabletClients }] = await Promise.all([
      access.targetSecurity(),
      import("./topo/topo.js"),
      import("./tablet/grpc/clients.js"),
    ]);
    this.createClients = () => {
      const clients = createTabletClients((mount) => access.tabletSecurity(mount));
      return callLog === undefined ? clients : loggedTablets(clients, callLog);
    };
    this.opened = await openTopo(config, {
      signal: this.signal,
      security: security.etcd,
      securityOfMount: async (mount, mounted) => (await access.mountSecurity(mount, mounted)).etcd,
      ...(callLog !== undefined && { wrap: (conn) => loggedConn(conn, callLog) }),
      onUnreachableCell: (cell, error) => {
        const what = error instanceof AuthError ? "lets us not in" : "doesn't answer";
        this.io.warn(`cell ${cell} ${what}: ${error.message}`);
      },
    });
    return this.opened;
  }
}
