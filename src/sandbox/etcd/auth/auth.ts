import { errors } from "../errors.js";
import type { Interval } from "../mvcc/interval.js";
import { type Access, covers } from "./permission.js";
import { Roles, rootRole } from "./roles.js";
import { Tokens } from "./tokens.js";
import { Users } from "./users.js";

const rootUser = "root";

/**
 * Who may do what (server/auth/store.go, v3.5). As long as it isn't enabled, everybody may do everything. etcd refuses a
 * request when users or roles change between its arrival and its turn ("revision of auth store is old"); here nothing
 * comes in between.
 */
export class Auth {
  readonly roles: Roles;
  readonly users: Users;
  readonly tokens: Tokens;
  #enabled = false;
  #revision = 1;

  constructor(tokenTtlMs?: number) {
    const changed = () => {
      this.#revision++;
    };
    this.roles = new Roles(changed);
    this.users = new Users(this.roles, changed);
    this.tokens = new Tokens(tokenTtlMs);
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  /** Counts the changes of users and roles. */
  get revision(): number {
    return this.#revision;
  }

  /** Errors: rootUserNotExist, rootRoleNotGranted. */
  enable(): void {
    if (this.#enabled) {
      return;
    }
    if (!this.users.has(rootUser)) {
      throw errors.rootUserNotExist();
    }
    if (!this.users.isRoot(rootUser)) {
      throw errors.rootRoleNotGranted();
    }
    this.#enabled = true;
  }

  disable(): void {
    if (!this.#enabled) {
      return;
    }
    this.#enabled = false;
    this.#revision++;
    this.tokens.forgetAll();
  }

  /** A token. Errors: authNotEnabled, authFailed. */
  authenticate(name: string, password: string): string {
    if (!this.#enabled) {
      throw errors.authNotEnabled();
    }
    this.users.checkPassword(name, password);
    return this.tokens.assign(name);
  }

  /** Errors: userNotFound; invalidAuthManagement for root while authentication is enabled. */
  deleteUser(name: string): void {
    this.#keep(rootUser, name);
    this.users.delete(name);
    this.tokens.forgetUser(name);
  }

  /** His tokens are forgotten. Errors: userNotFound. */
  changePassword(name: string, password: string): void {
    this.users.changePassword(name, password);
    this.tokens.forgetUser(name);
  }

  /** Errors: roleNotFound; invalidAuthManagement for root while authentication is enabled. */
  deleteRole(name: string): void {
    this.#keep(rootRole, name);
    this.roles.delete(name);
    this.users.revokeFromAll(name);
  }

  mayAccess(user: string, keys: Interval, access: Access): boolean {
    if (!this.users.has(user)) {
      return false;
    }
    const roles = this.users.rolesOf(user).filter((role) => this.roles.has(role));
    return (
      this.users.isRoot(user) ||
      covers(
        roles.flatMap((role) => this.roles.permissions(role)),
        keys,
        access,
      )
    );
  }

  #keep(needed: string, name: string): void {
    if (this.#enabled && name === needed) {
      throw errors.invalidAuthManagement();
    }
  }
}
