import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Auth } from "./auth/auth.js";
import { Caller } from "./auth/caller.js";
import type { Member } from "./header.js";
import type { Store } from "./mvcc/store.js";
import { unary } from "./unary.js";

/** The release whose behaviour this server has. */
const version = "3.5.33";
/** etcd's default for --listen-peer-urls; there is nobody to listen to. */
const peerUrl = "http://localhost:2380";

/**
 * etcdserverpb.Maintenance, as far as it makes sense for a store in memory; the rest answers UNIMPLEMENTED.
 */
export function maintenanceService(store: Store, auth: Auth, member: Member): UntypedServiceImplementation {
  return {
    Status: unary((_: object, call) => {
      Caller.of(call, auth).checkKnown();
      // There is no file; the heap is what a reader of this number wants to know about.
      const bytes = process.memoryUsage().heapUsed;
      return {
        header: member.header(),
        version,
        dbSize: bytes,
        dbSizeInUse: bytes,
        leader: member.id,
        raftIndex: store.revision,
        raftAppliedIndex: store.revision,
        raftTerm: member.raftTerm,
      };
    }),
    // No alarm can be raised: there is no disk to fill and no second copy to differ from.
    Alarm: unary((_: object, call) => {
      Caller.of(call, auth).checkKnown();
      return { header: member.header(), alarms: [] };
    }),
    Defragment: unary((_: object, call) => {
      Caller.of(call, auth).checkAdmin();
      return { header: member.header() };
    }),
  };
}

/** etcdserverpb.Cluster: one member, for ever. */
export function clusterService(member: Member): UntypedServiceImplementation {
  return {
    MemberList: unary(() => ({
      header: member.header(),
      members: [{ ID: member.id, name: member.name, peerURLs: [peerUrl], clientURLs: [member.clientUrl] }],
    })),
  };
}
