import { forEachAtOnce } from "../../concurrency.js";
import type { LockKey, LockLease } from "../port.js";
import type { EtcdClient } from "./client.js";
import { rangeOf } from "./directory.js";
import { parseLockContents } from "./lock-contents.js";
import { directoryPrefix, joinPath } from "./path.js";

/** Keys "<root>/<directory>/locks/<lease>" at a directory and below it, with what is left of their leases. */
export async function locksBelow(
  client: EtcdClient,
  root: string,
  dir: string,
  signal?: AbortSignal,
): Promise<LockKey[]> {
  const above = directoryPrefix(joinPath(root)).length;
  const range = {
    ...rangeOf(directoryPrefix(joinPath(root, dir))),
    sort_target: "Create",
    sort_order: "Ascend",
  } as const;
  const { kvs } = await client.read((etcd) => etcd.kv.range(range), signal);
  const found = kvs.flatMap((kv) => {
    const key = kv.key.toString("utf8");
    const locked = /^(.*)\/locks\/[^/]+$/.exec(key.slice(above))?.[1];
    return locked === undefined ? [] : [{ kv, key, dir: locked }];
  });
  const keys = await forEachAtOnce(found, async ({ kv, key, dir: locked }) => {
    const contents = parseLockContents(kv.value.toString("utf8"));
    const lease = kv.lease === "0" ? undefined : await leaseOf(client, kv.lease, signal);
    return { dir: locked, key, contents, lease };
  });
  // Some have ended since they were listed.
  return keys.flatMap((key) => (key.lease === "gone" ? [] : [{ ...key, lease: key.lease }]));
}

async function leaseOf(client: EtcdClient, ID: string, signal?: AbortSignal): Promise<LockLease | "gone"> {
  const answer = await client.read((etcd) => etcd.leaseClient.leaseTimeToLive({ ID }), signal);
  const left = Number(answer.TTL);
  return left < 0 ? "gone" : { granted: Number(answer.grantedTTL), left };
}
