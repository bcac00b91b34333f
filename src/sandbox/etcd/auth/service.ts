import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Member } from "../header.js";
import type { Permission } from "../messages.js";
import { unary } from "../unary.js";
import type { Auth } from "./auth.js";
import { Caller } from "./caller.js";
import { PermissionType } from "./permission.js";
import { rootRole } from "./roles.js";

interface UserRequest {
  name?: string;
  password?: string;
  options?: { no_password?: boolean };
}

const noBytes = Buffer.alloc(0);
const rootPermission = { permType: PermissionType.readWrite, key: noBytes, range_end: Buffer.from([0]) };

/** etcdserverpb.Auth. Once it is enabled, nearly all of it is for users with the role root. */
export function authService(auth: Auth, member: Member): UntypedServiceImplementation {
  const read = <Request>(answer: (request: Request) => object) =>
    unary((request: Request, call) => {
      Caller.of(call, auth).checkAdmin();
      return { ...answer(request), header: member.header() };
    });
  const change = <Request>(make: (request: Request) => void) =>
    read((request: Request) => {
      make(request);
      return {};
    });
  const users = {
    UserAdd: change(({ name = "", password = "", options }: UserRequest) => {
      auth.users.add(name, options?.no_password ? undefined : password);
    }),
    UserGet: unary(({ name = "" }: UserRequest, call) => {
      const caller = Caller.of(call, auth);
      if (caller.name !== name) {
        caller.checkAdmin();
      }
      return { header: member.header(), roles: auth.users.rolesOf(name) };
    }),
    UserList: read(() => ({ users: auth.users.names() })),
    UserDelete: change(({ name = "" }: UserRequest) => auth.deleteUser(name)),
    UserChangePassword: change(({ name = "", password = "" }: UserRequest) => auth.changePassword(name, password)),
    UserGrantRole: change(({ user = "", role = "" }: { user?: string; role?: string }) => auth.users.grant(user, role)),
    UserRevokeRole: change(({ name = "", role = "" }: UserRequest & { role?: string }) =>
      auth.users.revoke(name, role),
    ),
  };
  const roles = {
    RoleAdd: change(({ name = "" }: { name?: string }) => auth.roles.add(name)),
    RoleGet: unary(({ role = "" }: { role?: string }, call) => {
      const caller = Caller.of(call, auth);
      const hasIt =
        caller.name !== undefined && auth.users.has(caller.name) && auth.users.rolesOf(caller.name).includes(role);
      if (!hasIt) {
        caller.checkAdmin();
      }
      const perm = auth.roles.permissions(role);
      return { header: member.header(), perm: role === rootRole ? [rootPermission] : perm };
    }),
    RoleList: read(() => ({ roles: auth.roles.names() })),
    RoleDelete: change(({ role = "" }: { role?: string }) => auth.deleteRole(role)),
    RoleGrantPermission: change(({ name = "", perm }: { name?: string; perm?: Partial<Permission> }) =>
      auth.roles.grant(name, perm && permission(perm)),
    ),
    RoleRevokePermission: change(({ role = "", ...keys }: { role?: string } & Partial<Permission>) =>
      auth.roles.revoke(role, permission(keys)),
    ),
  };
  return {
    ...users,
    ...roles,
    AuthEnable: change(() => auth.enable()),
    AuthDisable: change(() => auth.disable()),
    AuthStatus: read(() => ({ enabled: auth.enabled, authRevision: auth.revision })),
    Authenticate: unary(({ name = "", password = "" }: UserRequest) => {
      const token = auth.authenticate(name, password);
      return { header: member.header(), token };
    }),
  };
}

/** With proto3's defaults for what wasn't sent. */
function permission(sent: Partial<Permission>): Permission {
  return { permType: PermissionType.read, key: noBytes, range_end: noBytes, ...sent };
}
