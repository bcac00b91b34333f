/**
 * What a server's connection is encrypted with. PEM texts, as the files that were named hold them. An empty object means
 * TLS with the certificates that Node trusts by itself.
 */
export interface Tls {
  ca?: Buffer;
  cert?: Buffer;
  key?: Buffer;
  /** Certificates that were revoked. */
  crl?: Buffer;
  /** The name that the server's certificate has to have, in place of the address's host. */
  serverName?: string;
}

/** A user and a password. The password leaves this object only on its way to the server. */
export interface Login {
  username: string;
  password: string;
}

/** How a cluster's etcds are spoken to. Without `tls` in the clear, unless an address begins with https://. */
export interface EtcdSecurity {
  tls?: Tls;
  login?: Login;
}

/**
 * How a cluster's tablets are spoken to. One gRPC port serves both services, but Vitess has flags for each:
 * `--tablet_manager_grpc_*` and `--tablet_grpc_*` (go/vt/vttablet/grpctmclient, grpctabletconn).
 */
export interface TabletSecurity {
  manager?: Tls;
  query?: Tls;
  /** `--grpc_auth_static_client_creds`: sent with each call as the metadata "username" and "password". */
  login?: Login;
}
