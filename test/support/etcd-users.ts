import { Etcd3, type IOptions } from "etcd3";
import type { EtcdTls } from "./real-etcd.js";

/** A user and what it may read and write: all keys with one of these beginnings. */
export interface EtcdUser {
  name: string;
  password: string;
  prefixes: string[];
}

export const ROOT = { username: "root", password: "the root's password" };

/** What etcd3 needs to speak to a server, as root where it has users. */
export function rootOptions(endpoint: string, tls?: EtcdTls, hasUsers = true): IOptions {
  return {
    hosts: `${tls === undefined ? "http" : "https"}://${endpoint}`,
    ...(tls && {
      credentials: {
        rootCertificate: Buffer.from(tls.ca),
        ...(tls.client && { certChain: Buffer.from(tls.client.cert), privateKey: Buffer.from(tls.client.key) }),
      },
    }),
    ...(hasUsers && { auth: ROOT }),
  };
}

/** Gives an etcd users, and then asks everybody for one. */
export async function addUsers(endpoint: string, users: EtcdUser[], tls?: EtcdTls): Promise<void> {
  const { auth, close } = client(rootOptions(endpoint, tls, false));
  try {
    await auth.userAdd({ name: ROOT.username, password: ROOT.password });
    await auth.roleAdd({ name: "root" });
    await auth.userGrantRole({ user: "root", role: "root" });
    for (const { name, password, prefixes } of users) {
      await auth.userAdd({ name, password });
      await auth.roleAdd({ name: `${name}'s` });
      await auth.userGrantRole({ user: name, role: `${name}'s` });
      for (const prefix of prefixes) {
        const key = Buffer.from(prefix);
        const perm = { permType: "Readwrite", key, range_end: endOf(key) } as const;
        await auth.roleGrantPermission({ name: `${name}'s`, perm });
      }
    }
    await auth.authEnable();
  } finally {
    close();
  }
}

function client(options: IOptions) {
  const etcd = new Etcd3(options);
  return { auth: etcd.auth, close: () => etcd.close() };
}

/** Of all keys that begin so; its last byte is not 255. */
function endOf(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  end.writeUInt8(end.readUInt8(end.length - 1) + 1, end.length - 1);
  return end;
}
