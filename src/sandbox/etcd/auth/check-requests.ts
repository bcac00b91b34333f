import type { DeleteRangeRequest, Int64, PutRequest, RangeRequest, RequestOp, TxnRequest } from "../messages.js";
import type { Caller } from "./caller.js";
import type { Access } from "./permission.js";

/** The keys that are bound to a lease; none when there is no such lease. */
export interface LeasedKeys {
  keysOf(lease: Int64): Buffer[];
}

// What each request needs (etcdserver/apply_auth.go, v3.5). Errors, of all of them: userEmpty, permissionDenied.

export function checkRangeAccess(caller: Caller, { key, range_end: end }: RangeRequest): void {
  caller.checkAccess("read", key, end);
}

/** Nor may he bind a key to a lease that he couldn't revoke. */
export function checkPutAccess(caller: Caller, leases: LeasedKeys, { key, lease, prev_kv }: PutRequest): void {
  caller.checkAccess("write", key);
  checkLeaseAccess(caller, leases, lease, "write");
  if (prev_kv) {
    caller.checkAccess("read", key);
  }
}

export function checkDeleteAccess(caller: Caller, { key, range_end: end, prev_kv }: DeleteRangeRequest): void {
  caller.checkAccess("write", key, end);
  if (prev_kv) {
    caller.checkAccess("read", key, end);
  }
}

/** Both branches, whichever will be taken. */
export function checkTxnAccess(caller: Caller, leases: LeasedKeys, request: TxnRequest): void {
  for (const { key, range_end: end } of request.compare) {
    caller.checkAccess("read", key, end);
  }
  for (const op of [...request.success, ...request.failure]) {
    checkOpAccess(caller, leases, op);
  }
}

/** All keys that are bound to the lease. */
export function checkLeaseAccess(caller: Caller, leases: LeasedKeys, lease: Int64, access: Access): void {
  if (caller.isAdmin) {
    return;
  }
  for (const key of leases.keysOf(lease)) {
    caller.checkAccess(access, key);
  }
}

function checkOpAccess(caller: Caller, leases: LeasedKeys, op: RequestOp): void {
  if (op.request_range) {
    checkRangeAccess(caller, op.request_range);
  } else if (op.request_put) {
    checkPutAccess(caller, leases, op.request_put);
  } else if (op.request_delete_range) {
    checkDeleteAccess(caller, op.request_delete_range);
  } else if (op.request_txn) {
    checkTxnAccess(caller, leases, op.request_txn);
  }
}
