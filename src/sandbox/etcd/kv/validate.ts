import { errors } from "../errors.js";
import type { DeleteRangeRequest, PutRequest, RangeRequest, RequestOp, TxnRequest } from "../messages.js";

/** etcd's default for --max-txn-ops. */
const maxTxnOps = 128;

/** The checks that etcd makes before it looks at its data (api/v3rpc/key.go, v3.5). Errors: INVALID_ARGUMENT. */
export function checkRange(request: RangeRequest | DeleteRangeRequest): void {
  if (request.key.length === 0) {
    throw errors.emptyKey();
  }
}

export function checkPut(request: PutRequest): void {
  if (request.key.length === 0) {
    throw errors.emptyKey();
  }
  if (request.ignore_value && request.value.length > 0) {
    throw errors.valueProvided();
  }
  if (request.ignore_lease && request.lease !== "0") {
    throw errors.leaseProvided();
  }
}

export function checkTxn(request: TxnRequest, opsLeft = maxTxnOps): void {
  const ops = Math.max(request.compare.length, request.success.length, request.failure.length);
  if (ops > opsLeft) {
    throw errors.tooManyOps();
  }
  if (request.compare.some((compare) => compare.key.length === 0)) {
    throw errors.emptyKey();
  }
  for (const op of [...request.success, ...request.failure]) {
    checkOp(op, opsLeft - ops);
  }
}

function checkOp(op: RequestOp, opsLeft: number): void {
  if (op.request_range) {
    checkRange(op.request_range);
  } else if (op.request_put) {
    checkPut(op.request_put);
  } else if (op.request_delete_range) {
    checkRange(op.request_delete_range);
  } else if (op.request_txn) {
    checkTxn(op.request_txn, opsLeft);
  } else {
    throw errors.keyNotFound();
  }
}
