import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { errors } from "./errors.js";
import type { Member } from "./header.js";
import type { Store } from "./mvcc/store.js";
import { unary } from "./unary.js";

/** The release whose behaviour this server has. */
const version = "3.5.21";
/** etcd's default for --listen-peer-urls; there is nobody to listen to. */
const peerUrl = "http://localhost:2380";

/**
 * etcdserverpb.Maintenance, as far as it makes sense for a store in memory; the rest answers UNIMPLEMENTED.
 */
export function maintenanceService(store: Store, member: Member): UntypedServiceImplementation {
  return {
    Status: unary(() => {
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
    Alarm: unary(() => ({ header: member.header(), alarms: [] })),
    Defragment: unary(() => ({ header: member.header() })),
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

/** etcdserverpb.Auth of a server that has no users: it can't be turned on, and nobody can log in. */
export function authService(member: Member): UntypedServiceImplementation {
  const refuse = (error: () => Error) =>
    unary((): object => {
      throw error();
    });
  return {
    Authenticate: refuse(errors.authNotEnabled),
    AuthEnable: refuse(errors.rootUserNotExist),
    AuthDisable: unary(() => ({ header: member.header() })),
    AuthStatus: unary(() => ({ header: member.header(), enabled: false, authRevision: 1 })),
    UserList: unary(() => ({ header: member.header(), users: [] })),
    RoleList: unary(() => ({ header: member.header(), roles: [] })),
  };
}
