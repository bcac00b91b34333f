import type { Etcd3 } from "etcd3";
import { interruption } from "../../interruption.js";
import { abortable, sleep } from "./abort.js";
import { fromEtcd, isAmbiguous, wantsNewToken } from "./errors.js";
import type { Token } from "./token.js";

/** One etcd address and the library's client for it. */
export interface Member {
  /** For messages: "etcd at localhost:2379". */
  where: string;
  etcd: Etcd3;
  token: Token;
}

/** A request that is refused for its token was not carried out, so that writes are repeated, too; once. */
export async function loggedIn<T>(
  { etcd, token }: Member,
  call: (etcd: Etcd3) => Promise<T>,
  loginBy?: number,
): Promise<T> {
  await token.ready(loginBy);
  try {
    return await call(etcd);
  } catch (error) {
    if (!wantsNewToken(error)) throw error;
  }
  await token.ready(loginBy);
  return call(etcd);
}

const FIRST_BACKOFF_MS = 50;

/** An etcd cluster: one etcd3 client per endpoint, of which one is in use until it fails. */
export class EtcdClient {
  private closed = false;

  constructor(
    private readonly members: Member[],
    private current: Member,
    /** Deadline of one request; reads are repeated for twice that. */
    readonly timeoutMs: number,
  ) {}

  /** For messages: "etcd at localhost:2379". */
  get where(): string {
    return this.current.where;
  }

  /** The endpoint in use, for streams: their users find out for themselves what becomes of them. */
  get member(): Member {
    return this.current;
  }

  /** Repeats a read, on the next endpoint, until it is answered or twice the request's deadline has passed. */
  async read<T>(call: (etcd: Etcd3) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const giveUp = Date.now() + 2 * this.timeoutMs;
    for (let backoff = FIRST_BACKOFF_MS; ; backoff *= 2) {
      const { where } = this.current;
      try {
        return await this.once(call, signal);
      } catch (error) {
        if (!isAmbiguous(error) || this.closed || Date.now() + backoff > giveUp) throw fromEtcd(error, where);
        await sleep(backoff, signal);
      }
    }
  }

  /**
   * One attempt; the error is etcd3's own, so that the caller can tell a refusal from a request that may have been
   * carried out. Stops waiting when `signal` is aborted.
   */
  async once<T>(call: (etcd: Etcd3) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const used = this.current;
    if (signal?.aborted) throw interruption(signal, used.where);
    try {
      return await abortable(loggedIn(used, call), signal, used.where);
    } catch (error) {
      if (isAmbiguous(error) && used === this.current) this.current = this.after(used);
      throw error;
    }
  }

  close(): void {
    this.closed = true;
    for (const { etcd } of this.members) etcd.close();
  }

  private after(member: Member): Member {
    return this.members[(this.members.indexOf(member) + 1) % this.members.length] ?? member;
  }
}
