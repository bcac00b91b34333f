import { errors } from "../errors.js";
import type { RangeRequest, RequestOp, ResponseOp, TxnRequest, TxnResponse } from "../messages.js";
import type { ReadView, Store } from "../mvcc/store.js";
import type { WriteTxn } from "../mvcc/write-txn.js";
import { compareHolds } from "./compare.js";
import { applyRange } from "./range.js";
import { applyDeleteRange, applyPut, checkIgnored, checkLease, type LeaseLookup } from "./write.js";

/** A transaction with its comparisons decided. */
interface Decided {
  succeeded: boolean;
  ops: { op: RequestOp; nested: Decided | undefined }[];
}

/**
 * One transaction, one revision (server/etcdserver/apply.go, Txn, v3.5). All comparisons, those of nested
 * transactions too, look at the state before it; so do the checks, so that nothing fails after the
 * first write. Errors: keyNotFound, leaseNotFound, futureRevision, compacted.
 */
export function applyTxn(store: Store, leases: LeaseLookup, request: TxnRequest): TxnResponse {
  const decided = decide(store, request);
  // Puts before ranges, because of two errors etcd reports the put's.
  forEachOp(decided, ({ request_put: put }) => {
    if (put) {
      checkIgnored(store, put);
      checkLease(leases, put);
    }
  });
  forEachOp(decided, ({ request_range: range }) => {
    if (range) {
      checkRangeRevision(store, range);
    }
  });
  return store.write((txn, view) => {
    const response = run(txn, view, decided);
    response.header.revision = txn.revision;
    return response;
  });
}

function decide(view: ReadView, request: TxnRequest): Decided {
  const succeeded = request.compare.every((compare) => compareHolds(view, compare));
  const ops = (succeeded ? request.success : request.failure).map((op) => ({
    op,
    nested: op.request_txn ? decide(view, op.request_txn) : undefined,
  }));
  return { succeeded, ops };
}

function forEachOp(decided: Decided, visit: (op: RequestOp) => void): void {
  for (const { op, nested } of decided.ops) {
    if (nested) {
      forEachOp(nested, visit);
    } else {
      visit(op);
    }
  }
}

function checkRangeRevision(store: Store, request: RangeRequest): void {
  const revision = Number(request.revision);
  if (revision === 0) {
    return;
  }
  if (revision > store.revision) {
    throw errors.futureRevision();
  }
  if (revision < store.compactRevision) {
    throw errors.compacted();
  }
}

/** A nested transaction's header stays empty, as etcd's does. */
function run(txn: WriteTxn, view: ReadView, decided: Decided): TxnResponse {
  const responses = decided.ops.map(({ op, nested }): ResponseOp => {
    if (nested) {
      return { response_txn: run(txn, view, nested) };
    }
    if (op.request_range) {
      return { response_range: applyRange(view, op.request_range) };
    }
    if (op.request_put) {
      return { response_put: applyPut(txn, op.request_put) };
    }
    return op.request_delete_range ? { response_delete_range: applyDeleteRange(txn, op.request_delete_range) } : {};
  });
  return { header: {}, succeeded: decided.succeeded, responses };
}
