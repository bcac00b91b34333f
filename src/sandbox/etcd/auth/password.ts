import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";

const HASH_BYTES = 32;
/** Cheap: these passwords guard a toy, and are not to lie about in memory all the same. */
const COST = { N: 256 };

/** A password as it is kept (etcd's is bcrypt's). */
export class PasswordHash {
  readonly #salt = randomBytes(16);
  readonly #hash: Buffer;

  constructor(password: string) {
    this.#hash = this.#of(password);
  }

  matches(password: string): boolean {
    return timingSafeEqual(this.#hash, this.#of(password));
  }

  #of(password: string): Buffer {
    return scryptSync(password, this.#salt, HASH_BYTES, COST);
  }
}
