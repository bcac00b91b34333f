import type { UntypedServiceImplementation } from "@grpc/grpc-js";
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
export function kvService(store: Store, leases: LeaseLookup, member: Member): UntypedServiceImplementation {
  /** An answer's own revision stays; the rest of its header is the member's. */
  const withHeader = <T extends { header: { revision?: number } }>(response: T): T => ({
    ...response,
    header: member.header(response.header.revision),
  });

  return {
    Range: unary((sent: Partial<RangeRequest>) => {
      const request = rangeRequest(sent);
      checkRange(request);
      return withHeader(applyRange(store, request));
    }),
    Put: unary((sent: Partial<PutRequest>) => {
      const request = putRequest(sent);
      checkPut(request);
      checkWeight(sent);
      checkLease(leases, request);
      checkIgnored(store, request);
      return withHeader(store.write((txn) => applyPut(txn, request)));
    }),
    DeleteRange: unary((sent: Partial<DeleteRangeRequest>) => {
      const request = deleteRangeRequest(sent);
      checkRange(request);
      checkWeight(sent);
      return withHeader(store.write((txn) => applyDeleteRange(txn, request)));
    }),
    Txn: unary((sent: Partial<TxnRequest>) => {
      const request = txnRequest(sent);
      checkTxn(request);
      checkDuplicates(request);
      if (!isReadOnly(request)) {
        checkWeight(sent);
      }
      return withHeader(applyTxn(store, leases, request));
    }),
    Compact: unary(({ revision = "0" }: { revision?: string }) => {
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
