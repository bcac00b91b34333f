import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Auth } from "../auth/auth.js";
import { Caller } from "../auth/caller.js";
import {
  checkDeleteAccess,
  checkPutAccess,
  checkRangeAccess,
  checkTxnAccess,
  type LeasedKeys,
} from "../auth/check-requests.js";
import { errors } from "../errors.js";
import type { Member } from "../header.js";
import type { DeleteRangeRequest, PutRequest, RangeRequest, TxnRequest } from "../messages.js";
import type { Store } from "../mvcc/store.js";
import { requestBytes } from "../request-size.js";
import { unary } from "../unary.js";
import { checkDuplicates } from "./duplicates.js";
import { applyRange } from "./range.js";
import { deleteRangeRequest, isReadOnly, putRequest, rangeRequest, txnRequest } from "./requests.js";
import { applyTxn } from "./txn.js";
import { checkPut, checkRange, checkTxn } from "./validate.js";
import { applyDeleteRange, applyPut, checkIgnored, checkLease, type LeaseLookup } from "./write.js";

/** etcd's default for --max-request-bytes: what a write may weigh. */
const maxRequestBytes = 1.5 * 1024 * 1024;

/** etcdserverpb.KV. */
export function kvService(
  store: Store,
  leases: LeaseLookup & LeasedKeys,
  auth: Auth,
  member: Member,
): UntypedServiceImplementation {
  /** An answer's own revision stays; the rest of its header is the member's. */
  const withHeader = <T extends { header: { revision?: number } }>(response: T): T => ({
    ...response,
    header: member.header(response.header.revision),
  });

  return {
    Range: unary((sent: Partial<RangeRequest>, call) => {
      const request = rangeRequest(sent);
      checkRange(request);
      checkRangeAccess(Caller.of(call, auth), request);
      return withHeader(applyRange(store, request));
    }),
    Put: unary((sent: Partial<PutRequest>, call) => {
      const request = putRequest(sent);
      checkPut(request);
      const caller = Caller.of(call, auth);
      checkWeight(sent);
      checkPutAccess(caller, leases, request);
      checkLease(leases, request);
      checkIgnored(store, request);
      return withHeader(store.write((txn) => applyPut(txn, request)));
    }),
    DeleteRange: unary((sent: Partial<DeleteRangeRequest>, call) => {
      const request = deleteRangeRequest(sent);
      checkRange(request);
      const caller = Caller.of(call, auth);
      checkWeight(sent);
      checkDeleteAccess(caller, request);
      return withHeader(store.write((txn) => applyDeleteRange(txn, request)));
    }),
    Txn: unary((sent: Partial<TxnRequest>, call) => {
      const request = txnRequest(sent);
      checkTxn(request);
      checkDuplicates(request);
      const caller = Caller.of(call, auth);
      if (!isReadOnly(request)) {
        checkWeight(sent);
      }
      checkTxnAccess(caller, leases, request);
      return withHeader(applyTxn(store, leases, request));
    }),
    Compact: unary(({ revision = "0" }: { revision?: string }, call) => {
      Caller.of(call, auth).checkAdmin();
      store.compact(Number(revision));
      return { header: member.header() };
    }),
  };
}

/** Only for what goes through etcd's log: reads have no limit but gRPC's. */
function checkWeight(request: object): void {
  if (requestBytes(request) > maxRequestBytes) {
    throw errors.requestTooLarge();
  }
}
