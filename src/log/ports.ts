import type { Log } from "../context.js";
import type { Tablet, TabletClients, TabletRecord } from "../tablet/port.js";
import type { Conn } from "../topo/port.js";
import { logCalls } from "./calls.js";

/** The same clients, of which each call to a tablet is logged. */
export function loggedTablets(clients: TabletClients, log: Log): TabletClients {
  // The same tablet for the same record, as without a log: what is learned of one is kept by the object.
  const logged = new WeakMap<Tablet, Tablet>();
  return {
    open(record) {
      const tablet = clients.open(record);
      const known = logged.get(tablet) ?? loggedTablet(tablet, record, log);
      logged.set(tablet, known);
      return known;
    },
    close: () => clients.close(),
  };
}

function loggedTablet(tablet: Tablet, { alias, grpcAddress }: TabletRecord, log: Log): Tablet {
  return logCalls(tablet, log, (method, args) => {
    if (method === "close") return undefined;
    const [sent] = args;
    const plain = typeof sent === "string" || Array.isArray(sent);
    return { at: { tablet: alias, address: grpcAddress }, ...(plain && { sent: { argument: sent } }) };
  });
}

/** The same topology server, of which each request is logged with its path. */
export function loggedConn(conn: Conn, log: Log): Conn {
  return logCalls(conn, log, (_method, [path]) => {
    return typeof path === "string" ? { at: { topology: conn.description, path } } : undefined;
  });
}
