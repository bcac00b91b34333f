import { trouble } from "../../workflow/state.js";
import type { Stream } from "../../workflow/streams.js";
import { targetName } from "../../workflow/targets.js";

/** Tablets retry after 5 s with the error as their message: one that lasts longer is no passing one. */
const LASTING_MS = 15_000;

interface Seen {
  text: string;
  sinceMs: number;
  /** How far the copy was. */
  mark: string;
}

/**
 * Tells passing trouble from lasting. Each retry puts "Picked source tablet" in the message's place, for seconds (v14;
 * go/vt/vttablet/tabletmanager/vreplication/controller.go, runBlp): a message that is gone proves nothing, only a copy
 * that goes on does.
 */
export class TroubleWatch {
  readonly #seen = new Map<string, Seen>();

  /** The complaint of a stream that hasn't come on for 15 s with it; `nowMs` is any clock's, in milliseconds. */
  lasting(stream: Stream, nowMs: number): string | undefined {
    const key = `${stream.id} ${targetName(stream.target)}`;
    const mark = JSON.stringify([stream.rowsCopied, stream.copyState]);
    const before = this.#seen.get(key);
    const text = trouble(stream) ?? (before?.mark === mark ? before.text : undefined);
    if (text === undefined) {
      this.#seen.delete(key);
      return undefined;
    }
    const sinceMs = before?.mark === mark ? before.sinceMs : nowMs;
    this.#seen.set(key, { text, sinceMs, mark });
    return nowMs - sinceMs >= LASTING_MS ? text : undefined;
  }
}
