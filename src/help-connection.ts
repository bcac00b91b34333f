import { type Owner, passwordTwin, settingNames, settings, spelling, twin } from "./access/settings.js";

/** The page of `help connection`. */
export const connection = `How vtmigrate reaches the clusters

vtmigrate reads and writes the target cluster's topology itself, without vtctld.

${rows([
  ["-topo_implementation", "etcd2, which is the default"],
  ["-topo_global_server_address", "host:port[,host:port]"],
  ["-topo_global_root", "/vitess/global, for example"],
  ["-context", "one of your contexts: all this by a name"],
])}

Flags stand before or behind the command. Each has a twin in the environment,
named after it: ${twin("topo_global_root")}. Flags win over the environment,
and that wins over a context.

  export VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS=localhost:2379
  export VTMIGRATE_TOPO_GLOBAL_ROOT=/vitess/global
  vtmigrate Mount -list

TLS and users of the target cluster: its servers are spoken to over TLS as soon
as one of the files or names for them is given. A tablet has one port, so that
-tablet_grpc_* or -tablet_manager_grpc_* alone serves for all calls. Files are
PEM; those that hold a password must be closed to others (chmod 600).

${table("target")}

A password is never a flag's value: it comes from the file, from the variable
that is named, or from ${passwordTwin.target}.

The source cluster is found through its mount. Give these to Mount once; later
commands of this user know them:

${table("mount")}

Contexts stand in $XDG_CONFIG_HOME/vtmigrate/config.json, or below ~/.config:

  vtmigrate -topo_global_server_address etcd.prod:2379 \\
    -topo_global_root /vitess/global -topo_etcd_tls_ca ca.pem context set prod
  vtmigrate context use prod
  vtmigrate Mount -list

A context is for its own address: with another one on the command line or in
the environment, nothing of it is used.
-server and glog's flags are accepted and ignored.
`;

function table(owner: Owner): string {
  return rows(settingNames.map((name) => [`-${spelling(name, owner)}`, settings[name].summary]));
}

function rows(lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return lines.map(([name, what]) => `  ${name.padEnd(width)}${what}`).join("\n");
}
