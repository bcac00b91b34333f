import { errors } from "../errors.js";
import { PasswordHash } from "./password.js";
import { type Roles, rootRole } from "./roles.js";

interface User {
  /** Without one, nobody can log in as him; his certificate can. */
  password: PasswordHash | undefined;
  roles: Set<string>;
}

/** Users and the roles that they were granted (server/auth/store.go, v3.5). `changed` is called after each change. */
export class Users {
  readonly #users = new Map<string, User>();

  constructor(
    private readonly roles: Roles,
    private readonly changed: () => void,
  ) {}

  has(name: string): boolean {
    return this.#users.has(name);
  }

  names(): string[] {
    return [...this.#users.keys()].sort();
  }

  /** Errors: userNotFound. */
  rolesOf(name: string): string[] {
    return [...this.#find(name).roles].sort();
  }

  isRoot(name: string): boolean {
    return this.#users.get(name)?.roles.has(rootRole) ?? false;
  }

  /** Errors: userEmpty, userExists. */
  add(name: string, password: string | undefined): void {
    if (name === "") {
      throw errors.userEmpty();
    }
    if (this.#users.has(name)) {
      throw errors.userExists();
    }
    this.#users.set(name, { password: hashOf(password), roles: new Set() });
    this.changed();
  }

  /** Errors: userNotFound. */
  delete(name: string): void {
    this.#find(name);
    this.#users.delete(name);
    this.changed();
  }

  /** A user without a password gets none. Errors: userNotFound. */
  changePassword(name: string, password: string): void {
    const user = this.#find(name);
    user.password &&= hashOf(password);
    this.changed();
  }

  /** Errors: userNotFound, roleNotFound. */
  grant(name: string, role: string): void {
    const user = this.#find(name);
    if (role !== rootRole && !this.roles.has(role)) {
      throw errors.roleNotFound();
    }
    if (!user.roles.has(role)) {
      user.roles.add(role);
      this.changed();
    }
  }

  /** Errors: userNotFound, roleNotGranted. */
  revoke(name: string, role: string): void {
    if (!this.#find(name).roles.delete(role)) {
      throw errors.roleNotGranted();
    }
    this.changed();
  }

  /** From everybody: the role is no more. */
  revokeFromAll(role: string): void {
    for (const user of this.#users.values()) {
      user.roles.delete(role);
    }
  }

  /** Errors: authFailed. */
  checkPassword(name: string, password: string): void {
    if (!this.#users.get(name)?.password?.matches(password)) {
      throw errors.authFailed();
    }
  }

  #find(name: string): User {
    const user = this.#users.get(name);
    if (user === undefined) {
      throw errors.userNotFound();
    }
    return user;
  }
}

function hashOf(password: string | undefined): PasswordHash | undefined {
  return password === undefined ? undefined : new PasswordHash(password);
}
