import { Etcd3 } from "etcd3";
import { rootOptions } from "./etcd-users.js";
import { RawEtcd } from "./raw-etcd.js";
import type { EtcdTls } from "./real-etcd.js";

export interface StoredKey {
  key: string;
  value: Buffer;
  /** etcd's ModRevision. */
  revision: string;
}

/** Every key of an etcd, in order; with `tls` of one that knows its users, as root. */
export async function allKeys(server: string, tls?: EtcdTls): Promise<StoredKey[]> {
  const etcd = tls === undefined ? new RawEtcd(server) : new Etcd3(rootOptions(server, tls));
  try {
    const kvs = etcd instanceof RawEtcd ? await range(etcd) : (await etcd.getAll().exec()).kvs;
    return kvs.map(({ key, value, mod_revision }) => ({ key: key.toString(), value, revision: mod_revision }));
  } finally {
    etcd.close();
  }
}

async function range(etcd: RawEtcd): Promise<{ key: Buffer; value: Buffer; mod_revision: string }[]> {
  const { kvs } = await etcd.range("\0", { range_end: Buffer.from("\0") });
  return kvs as { key: Buffer; value: Buffer; mod_revision: string }[];
}
