import { errors } from "../errors.js";
import type { DeleteRangeRequest, DeleteRangeResponse, PutRequest, PutResponse } from "../messages.js";
import { interval, keyString, single } from "../mvcc/interval.js";
import type { ReadView } from "../mvcc/store.js";
import type { WriteTxn } from "../mvcc/write-txn.js";

/** Which leases exist. */
export interface LeaseLookup {
  has(id: string): boolean;
}

/** Errors: leaseNotFound. */
export function checkLease(leases: LeaseLookup, request: PutRequest): void {
  if (request.lease !== "0" && !leases.has(request.lease)) {
    throw errors.leaseNotFound();
  }
}

/** ignore_value and ignore_lease need a key that exists. Errors: keyNotFound. */
export function checkIgnored(view: ReadView, request: PutRequest): void {
  const needsKey = request.ignore_value || request.ignore_lease;
  if (needsKey && view.range(single(keyString(request.key))).length === 0) {
    throw errors.keyNotFound();
  }
}

/** The header holds the revision only. */
export function applyPut(txn: WriteTxn, request: PutRequest): PutResponse {
  const before = txn.get(keyString(request.key));
  const value = request.ignore_value && before ? before.value : request.value;
  const lease = request.ignore_lease && before ? before.lease : request.lease;
  const revision = txn.put(request.key, value, lease);
  return { header: { revision }, prev_kv: request.prev_kv ? before : undefined };
}

/** The header holds the revision only. */
export function applyDeleteRange(txn: WriteTxn, request: DeleteRangeRequest): DeleteRangeResponse {
  const deleted = txn.delete(interval(request.key, request.range_end));
  return { header: { revision: txn.revision }, deleted: deleted.length, prev_kvs: request.prev_kv ? deleted : [] };
}
