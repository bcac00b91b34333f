import type { IKeyValue } from "etcd3";
import type { EtcdClient } from "./client.js";
import { directoryPrefix, prefixEnd } from "./path.js";

/** First path components below a directory, sorted by key and without doubles. Empty when there is none. */
export async function childNames(client: EtcdClient, directory: string, signal?: AbortSignal): Promise<string[]> {
  const prefix = directoryPrefix(directory);
  const response = await client.read(
    (etcd) => etcd.kv.range({ ...rangeOf(prefix), keys_only: true, sort_target: "Key", sort_order: "Ascend" }),
    signal,
  );
  const names = response.kvs.map((kv) => kv.key.toString("utf8").slice(prefix.length).split("/", 1)[0] ?? "");
  return [...new Set(names)].filter((name) => name !== "");
}

export async function keysWithPrefix(client: EtcdClient, prefix: string, signal?: AbortSignal): Promise<IKeyValue[]> {
  const response = await client.read(
    (etcd) => etcd.kv.range({ ...rangeOf(prefix), sort_target: "Key", sort_order: "Ascend" }),
    signal,
  );
  return response.kvs;
}

export function rangeOf(prefix: string): { key: Buffer; range_end: Buffer } {
  const start = Buffer.from(prefix);
  // An empty key would be refused; from a zero byte on is every key there is.
  return { key: start.length === 0 ? Buffer.from([0]) : start, range_end: prefixEnd(start) };
}
