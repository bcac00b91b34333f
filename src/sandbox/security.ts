import type { Login, TabletSecurity, Tls } from "../net/security.js";
import type { EtcdOptions } from "./etcd/server.js";
import type { ServerTls } from "./server-tls.js";

/** A vttablet's gRPC port: --grpc_cert, --grpc_key, --grpc_ca, and the users of --grpc_auth_static_password_file. */
export interface TabletServerSecurity {
  tls?: ServerTls;
  /** With it, every call has to name one of these; without, nobody is asked. */
  users?: readonly Login[];
}

/**
 * How a cluster's own processes speak to others, process-wide as Vitess's flags are: the same for the own cluster's servers
 * and for those of every mount.
 */
export interface ProcessSecurity {
  /** --topo_etcd_tls_ca|cert|key. To an etcd with users a vttablet is whom its certificate names: it can't log in. */
  etcd?: Tls;
  /** --tablet_manager_grpc_*, --tablet_grpc_*, --grpc_auth_static_client_creds. */
  tablets?: TabletSecurity;
}

/** Both ends of a cluster's connections. */
export interface ClusterSecurity {
  /** Of the etcds that are started. */
  etcd?: Pick<EtcdOptions, "tls" | "auth" | "tokenTtlMs">;
  /** Of the tablets' gRPC ports. */
  tablets?: TabletServerSecurity;
  /** Of the processes: tablets and vtgate. */
  clients?: ProcessSecurity;
}
