/** VStream: the binary log from a position on, filtered, as events. */
import { status } from "@grpc/grpc-js";
import type { VEvent } from "../../../wire/generated/binlogdata/VEvent.js";
import { parsePosition } from "../../../wire/position.js";
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import type { BinlogTransaction } from "../../mysql/port.js";
import { errorText, TabletError } from "../errors.js";
import { abortable } from "../gate.js";
import type { StreamMethod } from "../server.js";
import type { TabletState } from "../state.js";
import { EventBuilder } from "../vstream/events.js";
import { streamFailure } from "./failures.js";
import { verifyTarget } from "./target.js";

const EVENTS_PER_MESSAGE = 500;

export function vstream(
  state: TabletState,
): StreamMethod<MessageOutput<"binlogdata.VStreamRequest">, MessageInput<"binlogdata.VStreamResponse">> {
  return async (request, { signal, send }) => {
    verifyTarget(state, request.target);
    const start = request.position === "current" ? state.position : request.position;
    const { flavor, gtidSet } = readPosition(start);
    const builder = new EventBuilder(state, request.filter?.rules ?? [], `${flavor}/${gtidSet}`);
    const reading = new AbortController();
    const stopReading = () => reading.abort();
    signal.addEventListener("abort", stopReading, { once: true });
    const transactions = state.mysql.binlog.from(gtidSet, reading.signal)[Symbol.asyncIterator]();
    /** What came before a transaction that can't be sent is sent. */
    const followedBy = (transaction: BinlogTransaction, before: VEvent[]) =>
      builder.transaction(transaction).catch(async (error) => {
        await send({ events: before });
        throw error;
      });
    try {
      let next = transactions.next();
      for (;;) {
        const transaction = await within(next, state.timings.heartbeatMs, signal);
        if (transaction === undefined) {
          await send({ events: [builder.heartbeat()] });
          continue;
        }
        if (transaction.done) return;
        const events = await builder.transaction(transaction.value);
        next = transactions.next();
        // What is there already goes along: a reader that is behind catches up in large steps.
        for (let more = await atOnce(next); more?.done === false; more = await atOnce(next)) {
          events.push(...(await followedBy(more.value, events)));
          next = transactions.next();
          if (events.length >= EVENTS_PER_MESSAGE) break;
        }
        await send({ events });
      }
    } catch (error) {
      if (signal.aborted) throw streamFailure(error);
      // The position has the transaction that failed, and the error no code of its own (vstreamer.go, wrapError).
      const at = parsePosition(builder.position).gtidSet;
      throw new TabletError(status.UNKNOWN, `stream (at source tablet) error @ ${at}: ${errorText(error)}`);
    } finally {
      signal.removeEventListener("abort", stopReading);
      stopReading();
    }
  };
}

function readPosition(text: string): { flavor: string; gtidSet: string } {
  try {
    const position = parsePosition(text);
    return { flavor: position.flavor || "MySQL56", gtidSet: position.gtidSet };
  } catch (error) {
    throw new TabletError(status.INVALID_ARGUMENT, String((error as Error).message));
  }
}

/** The promise's outcome, or undefined after `ms` without one; rejects with the signal's reason. */
async function within<T>(next: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const idle = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await abortable(Promise.race([next, idle]), signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The promise's outcome if it has one by now. */
function atOnce<T>(next: Promise<T>): Promise<T | undefined> {
  return Promise.race([next, new Promise<undefined>((resolve) => setImmediate(resolve, undefined))]);
}
