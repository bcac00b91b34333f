import { X509Certificate } from "node:crypto";
import type { ILeaseKeepAliveRequest, IRangeRequest, ITxnRequest } from "etcd3";
import type { EtcdSecurity } from "../../net/security.js";

/** The fields of etcd3's requests that tell what a request is about; each request has some of them. */
type Request = Partial<Pick<IRangeRequest, "key" | "range_end"> & ITxnRequest & ILeaseKeepAliveRequest>;

/**
 * What a request wanted to do, for the user: "read /vitess/global/cells/zone1/CellInfo". `path` is the call's name,
 * "/etcdserverpb.KV/Range".
 */
export function describeAccess(path: string, request: Request): string {
  const keys = [...new Set(keysOf(request))].join(", ");
  switch (path.split("/").at(-1)) {
    case "Range":
      return `read ${keys}`;
    case "Put":
    case "DeleteRange":
      return `write ${keys}`;
    case "Txn":
      return `read and write ${keys}`;
    case "LeaseKeepAlive":
    case "LeaseRevoke":
      return `write the keys of lease ${request.ID}`;
    default:
      return `call ${path}`;
  }
}

/** Whom etcd takes us for: with --client-cert-auth, a certificate's common name is a user's. */
export function describeUser(security: EtcdSecurity = {}): string {
  const { login, tls } = security;
  if (login !== undefined) return `user "${login.username}"`;
  if (tls?.cert === undefined) return "we";
  return `our certificate's user ("${new X509Certificate(tls.cert).subject.replaceAll("\n", ", ")}")`;
}

function keysOf({ key, range_end: end, compare = [], success = [], failure = [] }: Request): string[] {
  if (key !== undefined) return [`${key}${end === undefined ? "" : " and what begins so"}`];
  const operations = [...success, ...failure].flatMap((operation): Request[] => Object.values(operation));
  return [...compare, ...operations].flatMap(keysOf);
}
