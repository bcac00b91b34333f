import type { Compare, DeleteRangeRequest, PutRequest, RangeRequest, RequestOp, TxnRequest } from "../messages.js";

const noBytes = Buffer.alloc(0);

/**
 * Requests with proto3's defaults for what wasn't sent. A read's range_end keeps the difference between absent
 * and empty, because etcd does (see mvcc/interval.ts); what goes through etcd's log is encoded anew on the
 * way and loses it.
 */
export function rangeRequest(sent: Partial<RangeRequest>): RangeRequest {
  return {
    key: noBytes,
    limit: "0",
    revision: "0",
    sort_order: 0,
    sort_target: 0,
    keys_only: false,
    count_only: false,
    min_mod_revision: "0",
    max_mod_revision: "0",
    min_create_revision: "0",
    max_create_revision: "0",
    ...sent,
  };
}

export function putRequest(sent: Partial<PutRequest>): PutRequest {
  return {
    key: noBytes,
    value: noBytes,
    lease: "0",
    prev_kv: false,
    ignore_value: false,
    ignore_lease: false,
    ...sent,
  };
}

export function deleteRangeRequest(sent: Partial<DeleteRangeRequest>): DeleteRangeRequest {
  return { key: noBytes, prev_kv: false, ...withoutEmptyEnd(sent) };
}

/** Only a transaction of nothing but ranges is a read; `logged` is set for those inside one that isn't. */
export function txnRequest(sent: Partial<TxnRequest>, logged = !isReadOnly(sent)): TxnRequest {
  return {
    compare: (sent.compare ?? []).map((compare) => compareRequest(logged ? withoutEmptyEnd(compare) : compare)),
    success: (sent.success ?? []).map((op) => requestOp(op, logged)),
    failure: (sent.failure ?? []).map((op) => requestOp(op, logged)),
  };
}

/** Whether etcd answers it without its log (etcdserver/v3_server.go, isTxnReadonly). */
export function isReadOnly(request: Partial<TxnRequest>): boolean {
  return [...(request.success ?? []), ...(request.failure ?? [])].every((op) => op.request_range);
}

function compareRequest(sent: Partial<Compare>): Compare {
  return { result: 0, target: 0, key: noBytes, ...sent };
}

function requestOp(sent: RequestOp, logged: boolean): RequestOp {
  if (sent.request_range) {
    const range = sent.request_range;
    return { request_range: rangeRequest(logged ? withoutEmptyEnd(range) : range) };
  }
  if (sent.request_put) {
    return { request_put: putRequest(sent.request_put) };
  }
  if (sent.request_delete_range) {
    return { request_delete_range: deleteRangeRequest(sent.request_delete_range) };
  }
  return sent.request_txn ? { request_txn: txnRequest(sent.request_txn, logged) } : {};
}

function withoutEmptyEnd<T extends { range_end?: Buffer }>(sent: T): T {
  const { range_end: end, ...rest } = sent;
  return end?.length === 0 ? (rest as T) : sent;
}
