import type { Log } from "../context.js";

/** What the log tells of a call: `at` always, `sent` only at -v 2. */
export interface CallFacts {
  at: Record<string, string>;
  sent?: Record<string, unknown>;
}

/**
 * The same object, of which every call is logged when it has ended: its name, how long it took in milliseconds, and the
 * error's sentence when it failed. A stream's messages are counted. Methods for which `about` knows nothing are left alone.
 */
export function logCalls<T extends object>(
  target: T,
  log: Log,
  about: (method: string, args: unknown[]) => CallFacts | undefined,
): T {
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function" || typeof name !== "string") return value;
      return (...args: unknown[]) => {
        const facts = about(name, args);
        if (facts === undefined) return value.apply(target, args);
        const call = new LoggedCall(log, name, facts);
        const result: unknown = value.apply(target, args);
        if (result instanceof Promise) return call.awaited(result);
        return isStream(result) ? call.counted(result) : result;
      };
    },
  });
}

class LoggedCall {
  private readonly began = performance.now();

  constructor(
    private readonly log: Log,
    private readonly method: string,
    private readonly facts: CallFacts,
  ) {
    if (facts.sent !== undefined) log.trace({ call: method, ...facts.at, ...facts.sent }, "call");
  }

  async awaited<T>(result: Promise<T>): Promise<T> {
    try {
      const answer = await result;
      this.end({});
      return answer;
    } catch (error) {
      this.end({ error: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  async *counted<T>(messages: AsyncIterable<T>): AsyncGenerator<T> {
    let count = 0;
    let failure: Record<string, string> = {};
    try {
      for await (const message of messages) {
        count++;
        yield message;
      }
    } catch (error) {
      failure = { error: error instanceof Error ? error.message : String(error) };
      throw error;
    } finally {
      this.end({ messages: count, ...failure });
    }
  }

  private end(outcome: Record<string, unknown>): void {
    const ms = Math.round(performance.now() - this.began);
    this.log.debug({ call: this.method, ...this.facts.at, ms, ...outcome }, "call ended");
  }
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
