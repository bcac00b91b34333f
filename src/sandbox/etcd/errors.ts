import { status } from "@grpc/grpc-js";

/** An error as it goes over the wire: gRPC code and etcd's text. */
export class EtcdError extends Error {
  constructor(
    readonly code: status,
    readonly details: string,
  ) {
    super(details);
    this.name = "EtcdError";
  }
}

/** etcd's own codes and texts (api/v3rpc/rpctypes/error.go, v3.5). */
export const errors = {
  emptyKey: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: key is not provided"),
  keyNotFound: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: key not found"),
  valueProvided: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: value is provided"),
  leaseProvided: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: lease is provided"),
  tooManyOps: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
  duplicateKey: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
  requestTooLarge: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: request is too large"),
  compacted: () => new EtcdError(status.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
  futureRevision: () => new EtcdError(status.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
  leaseNotFound: () => new EtcdError(status.NOT_FOUND, "etcdserver: requested lease not found"),
  leaseExists: () => new EtcdError(status.FAILED_PRECONDITION, "etcdserver: lease already exists"),
  leaseTtlTooLarge: () => new EtcdError(status.OUT_OF_RANGE, "etcdserver: too large lease TTL"),
  authNotEnabled: () => new EtcdError(status.FAILED_PRECONDITION, "etcdserver: authentication is not enabled"),
  rootUserNotExist: () => new EtcdError(status.FAILED_PRECONDITION, "etcdserver: root user does not exist"),
  rootRoleNotGranted: () => new EtcdError(status.FAILED_PRECONDITION, "etcdserver: root user does not have root role"),
  authFailed: () =>
    new EtcdError(status.INVALID_ARGUMENT, "etcdserver: authentication failed, invalid user ID or password"),
  invalidAuthToken: () => new EtcdError(status.UNAUTHENTICATED, "etcdserver: invalid auth token"),
  invalidAuthManagement: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: invalid auth management"),
  permissionDenied: () => new EtcdError(status.PERMISSION_DENIED, "etcdserver: permission denied"),
  permissionNotGiven: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: permission not given"),
  permissionNotGranted: () =>
    new EtcdError(status.FAILED_PRECONDITION, "etcdserver: permission is not granted to the role"),
  userEmpty: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: user name is empty"),
  userExists: () => new EtcdError(status.FAILED_PRECONDITION, "etcdserver: user name already exists"),
  userNotFound: () => new EtcdError(status.FAILED_PRECONDITION, "etcdserver: user name not found"),
  roleEmpty: () => new EtcdError(status.INVALID_ARGUMENT, "etcdserver: role name is empty"),
  roleExists: () => new EtcdError(status.FAILED_PRECONDITION, "etcdserver: role name already exists"),
  roleNotFound: () => new EtcdError(status.FAILED_PRECONDITION, "etcdserver: role name not found"),
  roleNotGranted: () => new EtcdError(status.FAILED_PRECONDITION, "etcdserver: role is not granted to the user"),
};
