import type { Etcd3, IKeyValue } from "etcd3";
import { UnreachableError } from "../../errors.js";
import type { Version } from "../port.js";
import type { EtcdClient } from "./client.js";
import { badVersion, fromEtcd, isAmbiguous, nodeExists, noNode } from "./errors.js";

/** A key and where the cluster stood when it was read. */
export interface Reading {
  kv: IKeyValue | undefined;
  /** The store's revision, in decimal. */
  revision: string;
}

export async function readKey(client: EtcdClient, key: string, signal?: AbortSignal): Promise<Reading> {
  const response = await client.read((etcd) => etcd.kv.range({ key: Buffer.from(key) }), signal);
  return { kv: response.kvs[0], revision: response.header.revision };
}

/** The id of the etcd cluster that answers, in decimal (api/v3rpc/header.go). `key` is any key that we may read. */
export async function clusterId(client: EtcdClient, key: string, signal?: AbortSignal): Promise<string> {
  // An empty key would be refused.
  const range = { key: Buffer.from(key || "\0"), count_only: true };
  return (await client.read((etcd) => etcd.kv.range(range), signal)).header.cluster_id;
}

/** A request that changes a key, and what its outcome looks like from outside. */
interface Write {
  key: string;
  /** Resolves to the key's new version. */
  send(etcd: Etcd3): Promise<Version>;
  /**
   * Decides, after an attempt whose answer was lost, by what the key holds now: the new version, or an error as
   * `send` would have thrown it, or undefined when the request was not carried out.
   */
  judge(kv: IKeyValue | undefined): Version | undefined;
}

/**
 * Never repeats a write blindly: after an ambiguous failure the key is read, and only where that shows that the
 * request was not carried out is it sent a second time. All requests are conditional or idempotent, so one that
 * arrives late does no harm.
 */
async function write(client: EtcdClient, request: Write, signal?: AbortSignal): Promise<Version> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.once((etcd) => request.send(etcd), signal);
    } catch (error) {
      if (!isAmbiguous(error)) throw fromEtcd(error, client.where);
      const version = await judge(client, request, signal);
      if (version !== undefined) return version;
      if (attempt === 2) throw unknownOutcome(client, request.key, error);
    }
  }
}

async function judge(client: EtcdClient, request: Write, signal?: AbortSignal): Promise<Version | undefined> {
  try {
    const { kv } = await readKey(client, request.key, signal);
    return request.judge(kv);
  } catch (error) {
    if (error instanceof UnreachableError) throw unknownOutcome(client, request.key, error);
    throw error;
  }
}

function unknownOutcome(client: EtcdClient, key: string, cause: unknown): UnreachableError {
  return new UnreachableError(
    `lost contact with ${client.where} while writing ${key}: it may have been written or not`,
    {
      hint: "Once the server answers again, the same command can be repeated.",
      cause,
    },
  );
}

/** Etcd2topo's Create: put if the key's version is 0. `lease` binds the key to a lease, as locks are. */
export function createKey(
  client: EtcdClient,
  key: string,
  contents: Uint8Array,
  signal?: AbortSignal,
  lease?: string,
): Promise<Version> {
  const put = { key: Buffer.from(key), value: Buffer.from(contents), ...(lease !== undefined && { lease }) };
  const request: Write = {
    key,
    async send(etcd) {
      const response = await etcd.kv.txn({
        compare: [{ key: put.key, target: "Version", result: "Equal", version: "0" }],
        success: [{ request_put: put }],
      });
      if (!response.succeeded) throw nodeExists(key);
      return response.header.revision;
    },
    judge(kv) {
      if (kv === undefined) return undefined;
      if (kv.version === "1" && kv.value.equals(put.value)) return kv.mod_revision;
      throw nodeExists(key);
    },
  };
  return write(client, request, signal);
}

/** Etcd2topo's Update: put if the key's ModRevision is `version`; without a version a plain put. */
export function updateKey(
  client: EtcdClient,
  key: string,
  contents: Uint8Array,
  version: Version | undefined,
  signal?: AbortSignal,
): Promise<Version> {
  const put = { key: Buffer.from(key), value: Buffer.from(contents) };
  const request: Write = {
    key,
    async send(etcd) {
      if (version === undefined) return (await etcd.kv.put(put)).header.revision;
      const response = await etcd.kv.txn({
        compare: [modRevisionIs(put.key, version)],
        success: [{ request_put: put }],
      });
      if (!response.succeeded) throw badVersion(key);
      return response.header.revision;
    },
    judge(kv) {
      if (kv?.value.equals(put.value) && kv.mod_revision !== version) return kv.mod_revision;
      if (version === undefined || kv?.mod_revision === version) return undefined;
      throw badVersion(key);
    },
  };
  return write(client, request, signal);
}

/** Etcd2topo's Delete. NotFoundError when it is not there; with a version, ConflictError when it has another. */
export async function deleteKey(
  client: EtcdClient,
  key: string,
  version: Version | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(key);
  const request: Write = {
    key,
    async send(etcd) {
      if (version === undefined) {
        const response = await etcd.kv.deleteRange({ key: bytes });
        if (response.deleted !== "1") throw noNode(key);
        return response.header.revision;
      }
      const response = await etcd.kv.txn({
        compare: [modRevisionIs(bytes, version)],
        success: [{ request_delete_range: { key: bytes } }],
        failure: [{ request_range: { key: bytes } }],
      });
      if (response.succeeded) return response.header.revision;
      throw response.responses[0]?.response_range.kvs.length ? badVersion(key) : noNode(key);
    },
    judge(kv) {
      if (kv === undefined) return "0";
      if (version === undefined || kv.mod_revision === version) return undefined;
      throw badVersion(key);
    },
  };
  await write(client, request, signal);
}

function modRevisionIs(key: Buffer, version: Version) {
  return { key, target: "Mod", result: "Equal", mod_revision: version } as const;
}
