import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join, resolve } from "node:path";

const VITESS_PROGRAMS = ["vtctld", "vttablet", "vtgate", "vtctldclient", "vtctlclient", "mysqlctl"] as const;
type VitessProgram = (typeof VITESS_PROGRAMS)[number];

/** What an end-to-end run on a real Vitess needs, found. */
export interface Install {
  /** Full paths. vtctlclient is absent from releases after v23: undefined then. */
  programs: Record<Exclude<VitessProgram, "vtctlclient">, string> & { vtctlclient?: string };
  etcd: string;
  mysqld: string;
  versions: {
    /** "18.0.8", as vttablet says it. */
    vitess: string;
    /** "mysqld  Ver 8.0.40 ..." or "mariadbd  Ver 10.11.19-MariaDB ..." */
    mysql: string;
    etcd: string;
  };
  mariadb: boolean;
}

export type Found = { install: Install } | { missing: string[]; advice: string };

/**
 * Looks for Vitess's programs in the folder that VITESS_BIN names (or else on the PATH), and for a MySQL or MariaDB
 * server and etcd on the PATH. vtctlclient may be absent: what is compared with it is skipped then.
 */
export function findInstall(env: NodeJS.ProcessEnv = process.env): Found {
  const folders = env.VITESS_BIN ? [resolve(env.VITESS_BIN)] : pathFolders(env);
  const system = [...pathFolders(env), "/usr/sbin", "/usr/local/sbin"];
  const programs = Object.fromEntries(VITESS_PROGRAMS.map((name) => [name, find(name, folders)]));
  const mysqld = find("mysqld", system) ?? find("mariadbd", system);
  const etcd = find("etcd", system);
  const missing: string[] = VITESS_PROGRAMS.filter(
    (name) => name !== "vtctlclient" && programs[name] === undefined,
  ).map((name) => (env.VITESS_BIN ? `${name} in VITESS_BIN (${env.VITESS_BIN})` : `${name} on the PATH`));
  if (mysqld === undefined) missing.push("mysqld or mariadbd");
  if (etcd === undefined) missing.push("etcd");
  if (process.platform !== "linux") missing.push("Linux, for which Vitess is released");
  const { vtctld, vttablet, vtgate, vtctldclient, mysqlctl, vtctlclient } = programs;
  if (missing.length > 0 || !vtctld || !vttablet || !vtgate || !vtctldclient || !mysqlctl || !mysqld || !etcd) {
    return {
      missing,
      advice:
        "A Vitess release has vtctld, vttablet, vtgate, vtctldclient, vtctlclient and mysqlctl in its bin folder " +
        "(VITESS_BIN=<folder>); the distribution's packages have the servers (Debian: mariadb-server, etcd-server).",
    };
  }
  const mysql = firstLine(mysqld, "--version");
  return {
    install: {
      programs: { vtctld, vttablet, vtgate, vtctldclient, mysqlctl, ...(vtctlclient && { vtctlclient }) },
      etcd,
      mysqld,
      versions: {
        vitess: /Version: v?([\w.-]+)/.exec(firstLine(vttablet, "--version"))?.[1] ?? "unknown",
        mysql: mysql.replace(/^\S*\//, ""),
        etcd: firstLine(etcd, "--version").replace("etcd Version: ", ""),
      },
      mariadb: /mariadb/i.test(mysql),
    },
  };
}

/** 18 for "18.0.8". */
export function majorVersion(install: Install): number {
  return Number.parseInt(install.versions.vitess, 10);
}

function pathFolders(env: NodeJS.ProcessEnv): string[] {
  return (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
}

function find(name: string, folders: string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Vitess's programs print their version on stdout or, as a log line, on stderr. */
function firstLine(program: string, ...args: string[]): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: 20_000 });
  return `${stdout ?? ""}${stderr ?? ""}`.trim().split("\n")[0] ?? "";
}
