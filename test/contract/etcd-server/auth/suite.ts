import type { ServiceError } from "@grpc/grpc-js";
import { onTestFinished } from "vitest";
import { b, type Message, RawEtcd } from "../../../support/raw-etcd.js";

export interface AuthUnderTest {
  readonly endpoint: string;
  /** A token's time, and as long as it takes the server to look for those whose time is over. */
  readonly tokenMs: number;
  /** 3.4 overlooks some requests, which 3.5.33 doesn't: of leases, nested transactions, compactions. */
  readonly overlooks: boolean;
  close(): Promise<void>;
}

export const EMPTY = "3 etcdserver: user name is empty";
export const DENIED = "7 etcdserver: permission denied";
export const NO_TOKEN = "16 etcdserver: invalid auth token";
export const AUTH_FAILED = "3 etcdserver: authentication failed, invalid user ID or password";

type Grant = [permType: string, key: string, end?: string];

/** One server, and who speaks to it. */
export class AuthSuite {
  #server: AuthUnderTest | undefined;
  #nobody: RawEtcd | undefined;
  #root: RawEtcd | undefined;

  start(server: AuthUnderTest): void {
    this.#server = server;
    this.#nobody = new RawEtcd(server.endpoint);
  }

  get server(): AuthUnderTest {
    return there(this.#server);
  }

  /** Without a token. */
  get nobody(): RawEtcd {
    return there(this.#nobody);
  }

  /** With root's token, once he has logged in. */
  get root(): RawEtcd {
    return there(this.#root);
  }

  async logInRoot(): Promise<void> {
    this.#root?.close();
    this.#root = await this.logIn("root");
  }

  async logIn(name: string, password = `${name}'s`): Promise<RawEtcd> {
    const { token } = await this.nobody.call("Auth", "Authenticate", { name, password });
    return new RawEtcd(this.server.endpoint, String(token));
  }

  /** Logged in for the running test. */
  async user(name: string): Promise<RawEtcd> {
    const raw = await this.logIn(name);
    onTestFinished(() => raw.close());
    return raw;
  }

  /** A call for root. */
  auth(method: string, request: Message = {}): Promise<Message> {
    return (this.#root ?? this.nobody).call("Auth", method, request);
  }

  failure(method: string, request: Message = {}): Promise<string> {
    return (this.#root ?? this.nobody).failure("Auth", method, request);
  }

  /** Makes a user of one role, which is called like him. */
  async add(name: string, ...grants: Grant[]): Promise<void> {
    await this.auth("UserAdd", { name, password: `${name}'s` });
    await this.auth("RoleAdd", { name });
    await this.auth("UserGrantRole", { user: name, role: name });
    for (const [permType, key, end = ""] of grants) {
      await this.auth("RoleGrantPermission", { name, perm: { permType, key: b(key), range_end: b(end) } });
    }
  }

  async close(): Promise<void> {
    this.#nobody?.close();
    this.#root?.close();
    await this.#server?.close();
  }
}

/** "ok", or "<code> <text>". */
export function outcome(call: Promise<Message>): Promise<string> {
  return call.then(
    () => "ok",
    ({ code, details }: ServiceError) => `${code} ${details}`,
  );
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("not yet there");
  return value;
}
