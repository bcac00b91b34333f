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
 * Tells trouble that is over from trouble that is being tried again. Each retry puts "Picked source tablet" in the
 * message's place, for seconds (v14; go/vt/vttablet/tabletmanager/vreplication/controller.go, runBlp): during the copy a
 * message that is gone proves nothing, only a copy that goes on does.
 */
export class TroubleWatch {
  readonly #seen = new Map<string, Seen>();

  /** What the stream complains of, or complained of and hasn't come on since; `nowMs` is any clock's, in milliseconds. */
  open(stream: Stream, nowMs: number): string | undefined {
    return this.#look(stream, nowMs)?.text;
  }

  /** The complaint of a stream that hasn't come on for 15 s with it. */
  lasting(stream: Stream, nowMs: number): string | undefined {
    const seen = this.#look(stream, nowMs);
    return seen !== undefined && nowMs - seen.sinceMs >= LASTING_MS ? seen.text : undefined;
  }

  #look(stream: Stream, nowMs: number): Seen | undefined {
    const key = `${stream.id} ${targetName(stream.target)}`;
    const mark = JSON.stringify([stream.position === undefined, stream.rowsCopied, stream.copyState]);
    const before = this.#seen.get(key);
    const isCopied = stream.copyState.length === 0 && stream.position !== undefined;
    const sameAsBefore = before?.mark === mark ? before : undefined;
    const text = trouble(stream) ?? (isCopied ? undefined : sameAsBefore?.text);
    if (text === undefined) {
      this.#seen.delete(key);
      return undefined;
    }
    const seen = { text, sinceMs: sameAsBefore?.sinceMs ?? nowMs, mark };
    this.#seen.set(key, seen);
    return seen;
  }
}
