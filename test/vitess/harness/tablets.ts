import { connectTo } from "./connect.js";
import { majorVersion } from "./install.js";
import { mysqlSocket, serverEnv, startMysql } from "./mysql.js";
import { freePorts } from "./ports.js";
import { startServer } from "./server.js";
import type { Setup } from "./setup.js";
import { type ClusterShape, type TabletShape, tabletAlias } from "./shape.js";

export interface RunningTablet extends TabletShape {
  /** "zone1-0000000200" */
  alias: string;
  /** Its server's name: "vttablet-zone1-200". */
  server: string;
  grpcPort: number;
  mysqlPort: number;
  mysqlSocket: string;
  /** "vt_commerce" */
  database: string;
}

/** An unmanaged tablet wants a password for its user. */
const PASSWORD = "vtmigrate-test";

/** Starts a tablet with a MySQL of its own. `flags` say where the topology is. */
export async function startTablet(
  setup: Setup,
  { cell }: ClusterShape,
  tablet: TabletShape,
  flags: string[],
  primary?: RunningTablet,
): Promise<RunningTablet> {
  const { install, folder } = setup;
  const { uid, keyspace, shard } = tablet;
  const [mysqlPort = 0, webPort = 0, grpcPort = 0] = await freePorts(3);
  await startMysql(install, folder, { uid, port: mysqlPort }, setup.runAs);
  const started: RunningTablet = {
    ...tablet,
    ...{ alias: tabletAlias(cell, uid), server: `vttablet-${cell}-${uid}`, database: `vt_${keyspace}` },
    ...{ grpcPort, mysqlPort, mysqlSocket: mysqlSocket(folder, uid) },
  };
  const unmanaged = primary && install.mariadb && majorVersion(install) >= 22;
  if (unmanaged) await followByItself(started, primary);
  const args = [
    ...["--tablet-path", started.alias, "--tablet_hostname", "127.0.0.1", "--init_keyspace", keyspace],
    ...["--init_shard", shard, "--init_tablet_type", "replica", "--db_charset", "utf8mb4"],
    ...["--port", String(webPort), "--grpc_port", String(grpcPort), "--health_check_interval", "5s"],
    ...["--service_map", "grpc-queryservice,grpc-tabletmanager,grpc-updatestream"],
    ...(unmanaged ? ["--unmanaged", "--db_socket", started.mysqlSocket] : []),
    ...(unmanaged ? ["--db_app_user", "vt_app", "--db_app_password", PASSWORD] : []),
  ];
  await startServer(folder, {
    ...{ name: started.server, program: install.programs.vttablet, args: [...flags, ...args], ports: [grpcPort] },
    ...{ env: serverEnv(folder), runAs: setup.runAs },
  });
  setup.onProgress(started.server);
  return started;
}

/**
 * v22's tablets can't make a MariaDB a replica: they look for errant GTIDs by MySQL's server UUID, which MariaDB
 * hasn't ("invalid MySQL 5.6 SID"). So its replication is set here, and the tablet leaves MySQL alone.
 */
async function followByItself(replica: RunningTablet, primary: RunningTablet): Promise<void> {
  const client = await connectTo(replica.mysqlSocket);
  try {
    for (const statement of [
      "set sql_log_bin = 0",
      `alter user vt_app@localhost identified by '${PASSWORD}'`,
      `change master to master_host = '127.0.0.1', master_port = ${primary.mysqlPort}, master_user = 'vt_repl',
         master_use_gtid = slave_pos`,
      "start slave",
    ]) {
      await client.query(statement);
    }
  } finally {
    await client.end();
  }
}
