import { hideUserInfo } from "../credentials.js";
import { UsageError } from "../errors.js";
import type { EtcdConnRequest } from "./etcd/conn.js";
import type { Conn, TopoConfig } from "./port.js";

export interface ConnOptions extends Omit<EtcdConnRequest, "server" | "root"> {
  /** What each connection is used through: a log of its requests. */
  wrap?: (conn: Conn) => Conn;
}

/** Plugins that some version of Vitess has, or that its help texts name ("zookeeper"). */
const OTHER_IMPLEMENTATIONS = new Set(["consul", "k8s", "zk2", "zookeeper"]);

/**
 * Opens one topology server by the implementation's name as Vitess registers it (go/vt/topo/server.go, OpenServer).
 * UsageError for every other than etcd2; else as `openEtcdConn`.
 */
export async function openConn(config: TopoConfig, options: ConnOptions = {}): Promise<Conn> {
  if (OTHER_IMPLEMENTATIONS.has(config.type)) {
    throw new UsageError(
      `vtmigrate reads etcd2 topologies only, and ${hideUserInfo(config.server)} is ${config.type}`,
      {
        hint: "The tablets may well read it; use a vtctld for what vtmigrate can't do here.",
      },
    );
  }
  if (config.type !== "etcd2") throw new UsageError(`no such topology implementation ${config.type}`);
  // etcd3 and gRPC take a tenth of a second to load: not before they are needed.
  const { openEtcdConn } = await import("./etcd/conn.js");
  const { wrap, ...settings } = options;
  const conn = await openEtcdConn({ ...settings, server: config.server, root: config.root });
  return wrap === undefined ? conn : wrap(conn);
}
