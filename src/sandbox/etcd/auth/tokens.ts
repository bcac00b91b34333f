import { randomBytes } from "node:crypto";

/** etcd's default for --auth-token-ttl. */
export const tokenTtlMs = 300_000;

interface Token {
  readonly user: string;
  /** Milliseconds of performance.now(). */
  expiresAt: number;
}

/** "Simple" tokens (server/auth/simple_token.go, v3.5): each use begins its time anew. */
export class Tokens {
  readonly #tokens = new Map<string, Token>();
  #count = 0;

  constructor(private readonly ttlMs = tokenTtlMs) {}

  /** etcd's end with the number of the log's entry that made them. */
  assign(user: string): string {
    this.#forgetExpired();
    const token = `${randomBytes(12).toString("base64url")}.${++this.#count}`;
    this.#tokens.set(token, { user, expiresAt: performance.now() + this.ttlMs });
    return token;
  }

  /** Whose it is; undefined when it is unknown or its time is over. */
  userOf(text: string): string | undefined {
    this.#forgetExpired();
    const token = this.#tokens.get(text);
    if (token === undefined) {
      return undefined;
    }
    token.expiresAt = performance.now() + this.ttlMs;
    return token.user;
  }

  forgetUser(user: string): void {
    this.#forget((token) => token.user === user);
  }

  forgetAll(): void {
    this.#tokens.clear();
  }

  #forgetExpired(): void {
    const now = performance.now();
    this.#forget((token) => token.expiresAt <= now);
  }

  #forget(which: (token: Token) => boolean): void {
    for (const [text, token] of this.#tokens) {
      if (which(token)) {
        this.#tokens.delete(text);
      }
    }
  }
}
