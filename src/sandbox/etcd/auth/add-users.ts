import type { Auth } from "./auth.js";
import { PermissionType } from "./permission.js";
import { rootRole } from "./roles.js";

/** Users that are there from the start. */
export interface EtcdAuth {
  /** Of the user root, who may do everything. */
  rootPassword: string;
  /** `prefix`: what the keys begin with that he may read and write. */
  users: { name: string; password: string; prefix: string }[];
}

/** Each user gets a role of his own name; then authentication is enabled. */
export function addUsers(auth: Auth, { rootPassword, users }: EtcdAuth): void {
  auth.users.add("root", rootPassword);
  auth.users.grant("root", rootRole);
  for (const { name, password, prefix } of users) {
    auth.users.add(name, password);
    auth.roles.add(name);
    auth.roles.grant(name, { permType: PermissionType.readWrite, ...keysWith(prefix) });
    auth.users.grant(name, name);
  }
  auth.enable();
}

/** Every key that begins so: up to the prefix with its last byte grown by one; no text ends with the byte 255. */
function keysWith(prefix: string): { key: Buffer; range_end: Buffer } {
  const key = Buffer.from(prefix);
  const end = Buffer.from(key);
  const last = end.length - 1;
  end.writeUInt8(end.readUInt8(last) + 1, last);
  return { key, range_end: end };
}
