import { createPrivateKey, X509Certificate } from "node:crypto";
import { UsageError } from "../errors.js";
import type { EtcdSecurity, Login, TabletSecurity, Tls } from "../net/security.js";
import type { Level } from "./level.js";
import { readNamed, readSecret } from "./secret-file.js";
import { type Owner, type References, type SettingName, spelling } from "./settings.js";

/** How one cluster's servers are spoken to. */
export interface Security {
  etcd: EtcdSecurity;
  tablets: TabletSecurity;
}

type Group = "topo" | "manager" | "tablet";

/**
 * Reads what a cluster's settings refer to. UsageError, naming the setting, for a file that can't be read, holds something
 * else or holds a password that others can read, for a certificate without its key, and for a user without a password.
 */
export async function readSecurity(
  { references, password }: Level,
  owner: Owner,
  env: NodeJS.ProcessEnv,
): Promise<Security> {
  const reader = new Reader(references, owner);
  const [etcd, etcdLogin, manager, query, login] = await Promise.all([
    reader.tls("topo"),
    reader.etcdLogin(password, env),
    reader.tls("manager"),
    reader.tls("tablet"),
    reader.staticLogin(),
  ]);
  return {
    etcd: { ...(etcd && { tls: etcd }), ...(etcdLogin && { login: etcdLogin }) },
    // One port serves both: the same object stands for one connection.
    tablets: {
      ...((manager ?? query) && { manager: manager ?? query }),
      ...((query ?? manager) && { query: query ?? manager }),
      ...(login && { login }),
    },
  };
}

class Reader {
  constructor(
    private readonly references: References,
    private readonly owner: Owner,
  ) {}

  async tls(group: Group): Promise<Tls | undefined> {
    const [ca, cert, key, crl] = await Promise.all([
      this.pem(`${group}Ca`, (bytes) => new X509Certificate(bytes), "certificate"),
      this.pem(`${group}Cert`, (bytes) => new X509Certificate(bytes), "certificate"),
      this.pem(`${group}Key`, createPrivateKey, "private key without a passphrase"),
      group === "topo" ? undefined : this.pem(`${group}Crl`, requireList, "list of revoked certificates"),
    ]);
    const serverName = this.references[`${group}ServerName`];
    if ((cert === undefined) !== (key === undefined)) {
      const [given, missing] = cert === undefined ? (["Key", "Cert"] as const) : (["Cert", "Key"] as const);
      throw new UsageError(`${this.flag(`${group}${given}`)} is given without ${this.flag(`${group}${missing}`)}`);
    }
    if (cert && key && !cert.parsed.checkPrivateKey(key.parsed)) {
      throw new UsageError(
        `${this.references[`${group}Key`]} is not the key of the certificate in ${this.references[`${group}Cert`]}`,
        { hint: `${this.flag(`${group}Cert`)} and ${this.flag(`${group}Key`)} belong together.` },
      );
    }
    const tls: Tls = {
      ...(ca && { ca: ca.bytes }),
      ...(cert && { cert: cert.bytes }),
      ...(key && { key: key.bytes }),
      ...(crl && { crl: crl.bytes }),
      ...(serverName !== undefined && { serverName }),
    };
    return Object.keys(tls).length === 0 ? undefined : tls;
  }

  async etcdLogin(given: string | undefined, env: NodeJS.ProcessEnv): Promise<Login | undefined> {
    const { topoUsername: username, topoPasswordFile: file, topoPasswordEnv: variable } = this.references;
    const password = given ?? (await this.passwordOf(file, variable, env));
    if (username === undefined && password === undefined) return undefined;
    if (username === undefined) {
      throw new UsageError(`a password for etcd is given without ${this.flag("topoUsername")}`);
    }
    if (password === undefined) {
      throw new UsageError(`the password of etcd's user ${username} is not given`, {
        hint: `Name the file that holds it with ${this.flag("topoPasswordFile")}, or the environment variable with ${this.flag("topoPasswordEnv")}.`,
      });
    }
    return { username, password };
  }

  /** go/vt/grpcclient, `--grpc_auth_static_client_creds`: {"Username": "...", "Password": "..."}. */
  async staticLogin(): Promise<Login | undefined> {
    const file = this.references.staticClientCreds;
    if (file === undefined) return undefined;
    const flag = this.flag("staticClientCreds");
    const text = await readSecret(file, flag);
    const { Username: username, Password: password } = parseObject(text);
    if (typeof username === "string" && username !== "" && typeof password === "string") return { username, password };
    throw new UsageError(`${flag}: ${file} holds no user and password`, {
      hint: 'It is Vitess\'s file: {"Username": "name", "Password": "secret"}.',
    });
  }

  private async passwordOf(file: string | undefined, variable: string | undefined, env: NodeJS.ProcessEnv) {
    if (file !== undefined) {
      const flag = this.flag("topoPasswordFile");
      // Editors and echo end a file with a line's end.
      const password = (await readSecret(file, flag)).replace(/\r?\n$/, "");
      if (password === "") throw new UsageError(`${flag}: ${file} is empty`);
      return password;
    }
    if (variable === undefined) return undefined;
    // A password that was typed here by mistake isn't repeated.
    if (!/^[A-Za-z_]\w*$/.test(variable)) {
      throw new UsageError(`${this.flag("topoPasswordEnv")} takes the name of an environment variable`);
    }
    const password = env[variable];
    if (password) return password;
    throw new UsageError(`the environment variable ${variable} is not set`, {
      hint: `${this.flag("topoPasswordEnv")} says that it holds the password of etcd's user.`,
    });
  }

  private async pem<T>(name: SettingName, parse: (bytes: Buffer) => T, what: string) {
    const file = this.references[name];
    if (file === undefined) return undefined;
    const bytes = await readNamed(file, this.flag(name));
    try {
      return { bytes, parsed: parse(bytes) };
    } catch (error) {
      throw new UsageError(`${this.flag(name)}: ${file} holds no ${what} in PEM`, { cause: error });
    }
  }

  private flag(name: SettingName): string {
    return `-${spelling(name, this.owner)}`;
  }
}

function requireList(bytes: Buffer): void {
  if (!bytes.includes("-----BEGIN X509 CRL-----")) throw new Error("no heading of a list");
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
