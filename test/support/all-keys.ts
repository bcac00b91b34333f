import { RawEtcd } from "./raw-etcd.js";

export interface StoredKey {
  key: string;
  value: Buffer;
  /** etcd's ModRevision. */
  revision: string;
}

/** Every key of an etcd, in order. */
export async function allKeys(server: string): Promise<StoredKey[]> {
  const etcd = new RawEtcd(server);
  try {
    const { kvs } = (await etcd.range("\0", { range_end: Buffer.from("\0") })) as {
      kvs: { key: Buffer; value: Buffer; mod_revision: string }[];
    };
    return kvs.map(({ key, value, mod_revision }) => ({ key: key.toString(), value, revision: mod_revision }));
  } finally {
    etcd.close();
  }
}
