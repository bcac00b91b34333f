import { errors } from "../errors.js";
import type { Permission } from "../messages.js";
import { isValid } from "./permission.js";

/** Has every permission without having been granted one. */
export const rootRole = "root";

/** Names of permissions (server/auth/store.go, v3.5). `changed` is called after each change. */
export class Roles {
  readonly #roles = new Map<string, Permission[]>();

  constructor(private readonly changed: () => void) {}

  has(name: string): boolean {
    return this.#roles.has(name);
  }

  names(): string[] {
    return [...this.#roles.keys()].sort();
  }

  /** Errors: roleNotFound. */
  permissions(name: string): readonly Permission[] {
    return this.#find(name);
  }

  /** Errors: roleEmpty, roleExists. */
  add(name: string): void {
    if (name === "") {
      throw errors.roleEmpty();
    }
    if (this.#roles.has(name)) {
      throw errors.roleExists();
    }
    this.#roles.set(name, []);
    this.changed();
  }

  /** Errors: roleNotFound. */
  delete(name: string): void {
    this.#find(name);
    this.#roles.delete(name);
    this.changed();
  }

  /** A permission for the same keys is replaced. Errors: permissionNotGiven, invalidAuthManagement, roleNotFound. */
  grant(name: string, permission: Permission | undefined): void {
    if (permission === undefined) {
      throw errors.permissionNotGiven();
    }
    if (!isValid(permission)) {
      throw errors.invalidAuthManagement();
    }
    const others = this.#find(name).filter((one) => !sameKeys(one, permission));
    this.#roles.set(
      name,
      [...others, permission].sort((a, b) => Buffer.compare(a.key, b.key)),
    );
    this.changed();
  }

  /** Errors: roleNotFound, permissionNotGranted. */
  revoke(name: string, keys: Keys): void {
    const permissions = this.#find(name);
    const others = permissions.filter((one) => !sameKeys(one, keys));
    if (others.length === permissions.length) {
      throw errors.permissionNotGranted();
    }
    this.#roles.set(name, others);
    this.changed();
  }

  #find(name: string): Permission[] {
    const permissions = this.#roles.get(name);
    if (permissions === undefined) {
      throw errors.roleNotFound();
    }
    return permissions;
  }
}

type Keys = Pick<Permission, "key" | "range_end">;

function sameKeys(a: Keys, b: Keys): boolean {
  return a.key.equals(b.key) && a.range_end.equals(b.range_end);
}
