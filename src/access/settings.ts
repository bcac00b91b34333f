/**
 * What can be said about how a cluster's servers are spoken to: names of files, users and variables, and never a
 * secret itself. The target's are spelled as Vitess's servers spell theirs (v18: go/vt/topo/etcd2topo/server.go,
 * go/vt/vttablet/grpctmclient, go/vt/vttablet/grpctabletconn, go/vt/grpcclient), a mount's with "source" in front.
 */
interface Setting {
  target: string;
  mount: string;
  /** A file's name, which is remembered as an absolute one. */
  file?: true;
  summary: string;
}

export const settings = {
  topoCa: {
    target: "topo_etcd_tls_ca",
    mount: "source_topo_ca",
    file: true,
    summary: "CAs of the etcds' certificates",
  },
  topoCert: {
    target: "topo_etcd_tls_cert",
    mount: "source_topo_cert",
    file: true,
    summary: "our certificate for the etcds",
  },
  topoKey: { target: "topo_etcd_tls_key", mount: "source_topo_key", file: true, summary: "its key" },
  topoServerName: {
    target: "topo_etcd_tls_server_name",
    mount: "source_topo_server_name",
    summary: "name in the etcds' certificates",
  },
  topoUsername: { target: "topo_etcd_username", mount: "source_topo_username", summary: "user of the etcds" },
  topoPasswordFile: {
    target: "topo_etcd_password_file",
    mount: "source_topo_password_file",
    file: true,
    summary: "file that holds the password",
  },
  topoPasswordEnv: {
    target: "topo_etcd_password_env",
    mount: "source_topo_password_env",
    summary: "variable that holds the password",
  },
  tabletCa: {
    target: "tablet_grpc_ca",
    mount: "source_tablet_ca",
    file: true,
    summary: "CAs of the tablets' certificates",
  },
  tabletCert: {
    target: "tablet_grpc_cert",
    mount: "source_tablet_cert",
    file: true,
    summary: "our certificate for the tablets",
  },
  tabletKey: { target: "tablet_grpc_key", mount: "source_tablet_key", file: true, summary: "its key" },
  tabletServerName: {
    target: "tablet_grpc_server_name",
    mount: "source_tablet_server_name",
    summary: "name in the tablets' certificates",
  },
  tabletCrl: {
    target: "tablet_grpc_crl",
    mount: "source_tablet_crl",
    file: true,
    summary: "certificates that were revoked",
  },
  managerCa: {
    target: "tablet_manager_grpc_ca",
    mount: "source_tablet_manager_ca",
    file: true,
    summary: "the same for TabletManager calls alone",
  },
  managerCert: {
    target: "tablet_manager_grpc_cert",
    mount: "source_tablet_manager_cert",
    file: true,
    summary: "our certificate for these",
  },
  managerKey: {
    target: "tablet_manager_grpc_key",
    mount: "source_tablet_manager_key",
    file: true,
    summary: "its key",
  },
  managerServerName: {
    target: "tablet_manager_grpc_server_name",
    mount: "source_tablet_manager_server_name",
    summary: "name in the certificates",
  },
  managerCrl: {
    target: "tablet_manager_grpc_crl",
    mount: "source_tablet_manager_crl",
    file: true,
    summary: "certificates that were revoked",
  },
  staticClientCreds: {
    target: "grpc_auth_static_client_creds",
    mount: "source_grpc_auth_static_client_creds",
    file: true,
    summary: "file with user and password of tablets",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** Whose settings: they are the same, and spelled differently. */
export type Owner = "target" | "mount";

/** What has been given; an absent one has not. */
export type References = { [Name in SettingName]?: string };

export const settingNames = Object.keys(settings) as SettingName[];

/** Of a name among all flags: "topo_etcd_tls_ca". */
export function spelling(name: SettingName, owner: Owner): string {
  return settings[name][owner];
}

export function isFile(name: SettingName): boolean {
  const setting: Setting = settings[name];
  return setting.file === true;
}

/** The environment twin of a flag: VTMIGRATE_TOPO_ETCD_TLS_CA. */
export function twin(flag: string): string {
  return `VTMIGRATE_${flag.toUpperCase()}`;
}

/** A password itself, which no flag takes. */
export const passwordTwin: Record<Owner, string> = {
  target: "VTMIGRATE_TOPO_ETCD_PASSWORD",
  mount: "VTMIGRATE_SOURCE_TOPO_PASSWORD",
};
