import { chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Install } from "./install.js";
import { MARK } from "./remove.js";
import type { RunAs } from "./run-as.js";
import { mustRun } from "./run-program.js";

/** Settings that only make a test's servers small and quick, and the character set that Vitess connects with. */
const EXTRA_CONFIG = `[mysqld]
innodb_buffer_pool_size = 256M
innodb_flush_log_at_trx_commit = 2
sync_binlog = 0
performance_schema = OFF
character_set_server = utf8mb4
collation_server = utf8mb4_general_ci
bind-address = 127.0.0.1
`;

const USERS = ["vt_dba", "vt_app", "vt_appdebug", "vt_allprivs", "vt_repl", "vt_filtered", "vt_monitoring"];

/**
 * The users that Vitess's tablets connect as. mysqlctl has statements of its own for MySQL; MariaDB knows neither
 * super_read_only nor the tables that they write to.
 */
const MARIADB_USERS = [
  "SET sql_log_bin = 0;",
  "SET GLOBAL read_only = OFF;",
  "DROP DATABASE IF EXISTS test;",
  "DELETE FROM mysql.global_priv WHERE User = '';",
  "FLUSH PRIVILEGES;",
  ...USERS.flatMap((user) =>
    ["localhost", "127.0.0.1"].flatMap((host) => [
      `CREATE USER '${user}'@'${host}';`,
      `GRANT ALL ON *.* TO '${user}'@'${host}' WITH GRANT OPTION;`,
    ]),
  ),
  "RESET MASTER;",
].join("\n");

export interface TabletMysql {
  uid: number;
  port: number;
}

/** The environment of every program of an installation: little of ours, so that it runs alike everywhere. */
export function serverEnv(folder: string): Record<string, string> {
  return {
    PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin`,
    HOME: folder,
    TMPDIR: folder,
    VTDATAROOT: folder,
    VTROOT: folder,
    EXTRA_MY_CNF: join(folder, "extra.cnf"),
    [MARK]: folder,
  };
}

/** What mysqlctl reads, once for all tablets. */
export function writeMysqlFiles(folder: string, runAs: RunAs): void {
  const files = { "extra.cnf": EXTRA_CONFIG, "init_db.sql": MARIADB_USERS };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    if (runAs.uid !== undefined && runAs.gid !== undefined) chownSync(join(folder, name), runAs.uid, runAs.gid);
  }
}

/** Makes a tablet's data directory and starts its MySQL, as mysqlctl does it. */
export async function startMysql(
  install: Install,
  folder: string,
  { uid, port }: TabletMysql,
  runAs: RunAs,
): Promise<void> {
  const sql = install.mariadb ? ["--init_db_sql_file", join(folder, "init_db.sql")] : [];
  const args = ["--log_dir", join(folder, "logs"), "--tablet_uid", String(uid), "--mysql_port", String(port)];
  await mustRun(install.programs.mysqlctl, [...args, "init", ...sql], { env: serverEnv(folder), cwd: folder, runAs });
}

/** Where a tablet's MySQL listens for users of this machine. */
export function mysqlSocket(folder: string, uid: number): string {
  return join(folder, `vt_${String(uid).padStart(10, "0")}`, "mysql.sock");
}
