import { inspect } from "node:util";
import { Etcd3 } from "etcd3";
import { expect, onTestFinished } from "vitest";
import { AuthError } from "../../../src/errors.js";
import type { EtcdSecurity, Login, Tls } from "../../../src/net/security.js";
import { openEtcdConn } from "../../../src/topo/etcd/conn.js";
import type { Conn } from "../../../src/topo/port.js";
import { Authority, type Certificate } from "../../support/certificates.js";
import { addUsers, rootOptions } from "../../support/etcd-users.js";
import type { EtcdTls } from "../../support/real-etcd.js";

/** An etcd without users at first. Its tokens live for `tokenMs` after they were used. */
export interface SecureEtcd {
  readonly endpoint: string;
  readonly tokenMs: number;
  /** Makes it forget all tokens; undefined where that can't be had. */
  restart?(): Promise<void>;
  close(): Promise<void>;
}

export const MIGRATE: Login = { username: "migrate", password: "a secret, to be found nowhere" };
/** May use the keys of one directory only. */
export const NARROW: Login = { username: "narrow", password: "another secret" };

const USERS = [
  { name: MIGRATE.username, password: MIGRATE.password, prefixes: ["/vitess/"] },
  { name: NARROW.username, password: NARROW.password, prefixes: ["/vitess/narrow/keyspaces/"] },
];

/** An etcd that wants TLS, a client's certificate and a user, and who speaks to it. */
export class SecurePlace {
  #topologies = 0;

  private constructor(
    readonly authority: Authority,
    readonly etcd: SecureEtcd,
    /** Another one, with users, and without TLS. */
    readonly plain: SecureEtcd,
    readonly root: Etcd3,
    readonly noUser: Etcd3,
    private readonly client: Certificate,
  ) {}

  static async start(start: (tls?: EtcdTls) => Promise<SecureEtcd>): Promise<SecurePlace> {
    const authority = await Authority.create("the etcd's CA");
    const [server, client] = [await authority.issue({ name: "server" }), await authority.issue({ name: "someone" })];
    const tls = { ca: authority.ca, server, client };
    const [etcd, plain] = [await start(tls), await start()];
    await addUsers(etcd.endpoint, USERS, tls);
    await addUsers(plain.endpoint, []);
    const root = new Etcd3(rootOptions(etcd.endpoint, tls));
    const noUser = new Etcd3(rootOptions(etcd.endpoint, tls, false));
    return new SecurePlace(authority, etcd, plain, root, noUser, client);
  }

  /** What a client needs, with a certificate whose name is no user's. */
  files(): Tls {
    const { cert, key } = this.client;
    return { ca: bytes(this.authority.ca), cert: bytes(cert), key: bytes(key) };
  }

  /** For the running test, in a topology of its own. */
  async open(security: EtcdSecurity = {}, root = `/vitess/own${++this.#topologies}`): Promise<Conn> {
    const whole = { tls: this.files(), login: MIGRATE, ...security };
    const conn = await openEtcdConn({ server: this.etcd.endpoint, root, security: whole });
    onTestFinished(() => conn.close());
    return conn;
  }

  /** etcd forgets the tokens of a user whose password changes, and be it to the same one. */
  async forgetTokens(): Promise<void> {
    await this.root.auth.userChangePassword({ name: MIGRATE.username, password: MIGRATE.password });
  }

  async close(): Promise<void> {
    this.root.close();
    this.noUser.close();
    await this.plain.close();
    await this.etcd.close();
  }
}

/** Of what is thrown, an AuthError, within 10 s and without the password: "<message> | <hint>". */
export async function refusal(doing: Promise<unknown>): Promise<string> {
  const started = performance.now();
  const error = await doing.then(
    () => undefined,
    (thrown: AuthError) => thrown,
  );
  expect(error).toBeInstanceOf(AuthError);
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(MIGRATE.password);
  return `${error?.message} | ${error?.hint}`;
}

export function bytes(text: string): Buffer {
  return Buffer.from(text);
}
