import { randomBytes } from "node:crypto";
import type { ResponseHeader } from "./messages.js";
import type { Store } from "./mvcc/store.js";

/** The one member of the cluster that this server pretends to be. */
export class Member {
  readonly clusterId = randomId();
  readonly id = randomId();
  readonly name = "sandbox";
  /** A single member has elected itself once: etcd begins with term 2 then. */
  readonly raftTerm = "2";
  /** "http://127.0.0.1:2379", known once the server listens. */
  clientUrl = "";

  constructor(private readonly store: Store) {}

  /** Fills a response's header (api/v3rpc/header.go): the revision is the store's unless the answer has its own. */
  header(revision = this.store.revision): ResponseHeader {
    return { cluster_id: this.clusterId, member_id: this.id, revision, raft_term: this.raftTerm };
  }
}

function randomId(): string {
  return randomBytes(8).readBigUInt64BE().toString();
}
