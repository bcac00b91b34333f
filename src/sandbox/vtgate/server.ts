import type { AddressInfo, Server as NetServer, Socket } from "node:net";
import { type Connection, createServer } from "mysql2";
import type { ProcessSecurity } from "../security.js";
import type { TopoAddress } from "../topo.js";
import { ClientConnection } from "./client-connection.js";
import { SqlError } from "./errors.js";
import { Session } from "./session.js";
import { TabletClient } from "./tablet-client.js";
import { Topology } from "./topology.js";

export interface VtgateOptions {
  cell: string;
  /** The global topology. */
  topo: TopoAddress;
  security?: ProcessSecurity;
  /** 0 or absent: a free one. */
  port?: number;
  /** For `select @@version_comment`: "22.0.3". */
  vitessVersion?: string;
}

export interface Vtgate {
  /** MySQL's protocol, on 127.0.0.1. */
  readonly port: number;
  close(): Promise<void>;
}

/** Bits of the handshake (include/mysql_com.h): protocol 4.1 with plugins, and no TLS, compression or multi-statements. */
const capabilities = {
  longPassword: 1,
  foundRows: 2,
  longFlag: 4,
  connectWithDb: 8,
  protocol41: 0x200,
  transactions: 0x2000,
  secureConnection: 0x8000,
  pluginAuth: 0x80000,
  connectAttributes: 0x100000,
  pluginAuthLengthEncoded: 0x200000,
};

interface Handshake {
  execute(packet: Packet | undefined, connection: Connection): boolean;
}

interface Packet {
  buffer: Buffer;
  start: number;
  end: number;
}

/** mysql2's server-side internals that its types leave out. */
interface ServerSide {
  stream: Socket;
  clientHelloReply?: { user: string; database?: string; clientFlags: number };
}

/**
 * A vtgate: accepts any user on MySQL's protocol and routes queries by its cell's topology. Rejects when
 * the topology doesn't answer, or with EADDRINUSE.
 */
export async function startVtgate(options: VtgateOptions): Promise<Vtgate> {
  const { etcd, tablets: tabletSecurity } = options.security ?? {};
  const topology = await Topology.open(options.cell, options.topo, etcd);
  const tablets = new TabletClient(topology, tabletSecurity);
  const open = new Map<ClientConnection, Socket>();
  const release = options.vitessVersion ?? "22.0.3";
  const version = { version: `8.0.40-Vitess`, versionComment: `Vitess ${release}` };
  let connectionId = 0;

  const server = createServer((connection: Connection) => {
    connectionId += 1;
    accept(connection, connectionId);
  });

  function accept(connection: Connection, id: number): void {
    const { stream } = connection as unknown as ServerSide;
    const client = new ClientConnection(connection, () => {
      const hello = (connection as unknown as ServerSide).clientHelloReply;
      const clientFoundRows = ((hello?.clientFlags ?? 0) & capabilities.foundRows) !== 0;
      return new Session({ topology, tablets, version, connectionId: id, user: hello?.user ?? "", clientFoundRows });
    });
    open.set(client, stream);
    stream.setNoDelay(true);
    stream.once("close", () => {
      open.delete(client);
      client.close().catch(() => {});
    });
    // A client that goes away is no event of ours; its transaction is rolled back above.
    connection.on("error", () => {});
    serveCommands(connection, client, { serverVersion: version.version, connectionId: id });
  }

  const netServer = (server as unknown as { _server: NetServer })._server;
  await new Promise<void>((resolve, reject) => {
    netServer.once("error", reject);
    netServer.listen(options.port ?? 0, "127.0.0.1", () => resolve());
  }).catch((error: unknown) => {
    topology.close();
    throw error;
  });

  return {
    port: (netServer.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => netServer.close(() => resolve()));
      const clients = [...open];
      for (const [, stream] of clients) stream.destroy();
      await Promise.all(clients.map(([client]) => client.close().catch(() => {})));
      await closed;
      tablets.close();
      topology.close();
    },
  };
}

/**
 * mysql2 does the handshake and the framing. Its own dispatcher guesses prepared statements from a
 * query's first word and misreads their parameters, so commands go to ClientConnection as they came.
 */
function serveCommands(
  connection: Connection,
  client: ClientConnection,
  greeting: { serverVersion: string; connectionId: number },
): void {
  let ready = false;
  const handshake: Handshake = connection.serverHandshake({
    ...greeting,
    protocolVersion: 10,
    statusFlags: 2,
    characterSet: 45,
    capabilityFlags: Object.values(capabilities).reduce((all, flag) => all | flag, 0),
    authCallback: (login: { database?: string }, decide: (error: null, refusal?: object) => void) => {
      const refusal = refuse(client, login.database);
      ready = refusal === undefined;
      decide(null, refusal);
    },
  });
  const greet = handshake.execute.bind(handshake);
  handshake.execute = (packet, from) => {
    if (!ready || packet === undefined) {
      const finished = greet(packet, from);
      // The command phase numbers its packets from 0 again.
      if (ready) connection.sequenceId = 0;
      return finished;
    }
    client.receive(packet.buffer.subarray(packet.start + 4, packet.end));
    return false;
  };
}

function refuse(client: ClientConnection, database: string | undefined): { message: string; code: number } | undefined {
  if (database === undefined || database === "") return undefined;
  try {
    client.useDatabase(database);
    return undefined;
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return { message: error.message, code: error.errno };
  }
}
