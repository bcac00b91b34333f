import type { Etcd3 } from "etcd3";
import { AuthError } from "../../errors.js";
import type { Login } from "../../net/security.js";
import { Code, detailsOf, grpcCode } from "./errors.js";

/**
 * The token that one endpoint gave for a user and a password, which it wants to see with each request from then on. etcd
 * forgets it when it was not used for a while (--auth-token-ttl, 5 minutes), when it is restarted, and when the user's
 * password changes. (etcd3's own login asks again without end when each new token is refused, and not at all on streams.)
 */
export class Token {
  /** Undefined before the login, and when the server has no users. */
  current: string | undefined;
  private login: Promise<void> | undefined;

  constructor(
    /** For messages: "etcd at localhost:2379". */
    private readonly where: string,
    private readonly user: Login | undefined,
    private readonly authenticate: Etcd3["auth"]["authenticate"],
  ) {}

  /** Without a user there is none to be had. */
  get isWanted(): boolean {
    return this.user !== undefined;
  }

  /**
   * Logs in unless that is done, or else by `deadline` (ms since the epoch; that of a request is the default). Those who
   * ask at the same time share one login. AuthError when it is refused.
   */
  async ready(deadline?: number): Promise<void> {
    if (this.user === undefined) return;
    this.login ??= this.logIn(this.user, deadline);
    const login = this.login;
    try {
      await login;
    } catch (error) {
      if (this.login === login) this.login = undefined;
      throw error;
    }
  }

  /** After the server refused it. Whoever sent an older one is late: there is a new one already. */
  discard(token: string | undefined): void {
    if (token !== this.current) return;
    this.current = undefined;
    this.login = undefined;
  }

  private async logIn({ username, password }: Login, deadline: number | undefined): Promise<void> {
    try {
      const options = deadline === undefined ? undefined : { deadline };
      this.current = (await this.authenticate({ name: username, password }, options)).token;
    } catch (error) {
      const details = detailsOf(error);
      // As etcdctl does: a user is no reason not to speak to an etcd that has none.
      if (grpcCode(error) === Code.FAILED_PRECONDITION && details.includes("authentication is not enabled")) return;
      if (!details.includes("authentication failed")) throw error;
      throw new AuthError(
        `${this.where} refused the user "${username}": there is no such user, or not with this password`,
        {
          hint: "Check the user's name and the password.",
          cause: error,
        },
      );
    }
  }
}
