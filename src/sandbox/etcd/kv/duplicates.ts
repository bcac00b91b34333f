import { errors } from "../errors.js";
import type { DeleteRangeRequest, RequestOp, TxnRequest } from "../messages.js";
import { type KeyString, keyString } from "../mvcc/interval.js";

interface Writes {
  puts: Set<KeyString>;
  deletes: Deleted[];
}

interface Deleted {
  begin: KeyString;
  /** range_end to the letter: etcd doesn't read "\0" as "everything after" here (api/v3rpc/key.go, checkIntervals). */
  end: KeyString;
}

/** A transaction may put a key only once, and not delete it as well. Errors: duplicateKey. */
export function checkDuplicates(request: TxnRequest): void {
  collectWrites(request.success);
  collectWrites(request.failure);
}

function collectWrites(ops: RequestOp[]): Writes {
  const puts = new Set<KeyString>();
  const deletes = ops.flatMap((op) => (op.request_delete_range ? [deleted(op.request_delete_range)] : []));

  const add = (key: KeyString, otherBranch?: Set<KeyString>) => {
    // The two branches of a nested transaction exclude each other.
    const again = puts.has(key) && !otherBranch?.has(key);
    if (again || deletes.some(({ begin, end }) => key >= begin && key < end)) {
      throw errors.duplicateKey();
    }
    puts.add(key);
  };

  for (const { request_txn: nested } of ops) {
    if (!nested) {
      continue;
    }
    const success = collectWrites(nested.success);
    const failure = collectWrites(nested.failure);
    for (const key of success.puts) {
      add(key);
    }
    for (const key of failure.puts) {
      add(key, success.puts);
    }
    deletes.push(...success.deletes, ...failure.deletes);
  }
  for (const { request_put: put } of ops) {
    if (put) {
      add(keyString(put.key));
    }
  }
  return { puts, deletes };
}

function deleted(request: DeleteRangeRequest): Deleted {
  const begin = keyString(request.key);
  return { begin, end: request.range_end?.length ? keyString(request.range_end) : `${begin}\0` };
}
