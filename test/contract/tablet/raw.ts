/** A tablet's Query service without src/tablet in between: what tablets and vtgates ask of it, and the codes they get. */
import { type Client, credentials, makeGenericClientConstructor, type ServiceError } from "@grpc/grpc-js";
import type { TabletRecord } from "../../../src/tablet/port.js";
import type { QueryClient } from "../../../src/wire/generated/queryservice/Query.js";
import { type MessageInput, type MessageOutput, serviceDefinition } from "../../../src/wire/proto.js";

/** How a call failed. */
export interface RawFailure {
  code: number;
  details: string;
}

export interface RawTablet {
  /** The rows that a key is the last of, and all behind it; without one from the beginning. */
  rows(
    query: string,
    lastpk?: MessageInput<"query.QueryResult">,
  ): Promise<MessageOutput<"binlogdata.VStreamRowsResponse">[]>;
  /** Events behind a position until `enough` of all of them. */
  events(
    position: string,
    rules: { match: string; filter?: string }[],
    enough: (events: MessageOutput<"binlogdata.VEvent">[]) => boolean,
  ): Promise<MessageOutput<"binlogdata.VEvent">[]>;
  /** Execute as vtgate sends it. */
  execute(sql: string): Promise<MessageOutput<"query.ExecuteResponse">>;
  close(): void;
}

const QueryService = makeGenericClientConstructor(serviceDefinition("queryservice.Query"), "Query");
const DEADLINE_MS = 20_000;

export function rawTablet({ grpcAddress, keyspace, shard, type }: TabletRecord): RawTablet {
  const client = new QueryService(grpcAddress, credentials.createInsecure()) as Client as QueryClient;
  const target = { keyspace, shard, tablet_type: type };
  const deadline = () => ({ deadline: Date.now() + DEADLINE_MS });
  return {
    async rows(query, lastpk) {
      const messages: MessageOutput<"binlogdata.VStreamRowsResponse">[] = [];
      for await (const message of client.vStreamRows({ target, query, lastpk: lastpk ?? null }, deadline())) {
        messages.push(message);
      }
      return messages;
    },
    async events(position, rules, enough) {
      const call = client.vStream({ target, position, filter: { rules } }, deadline());
      // A call that is cancelled reports it to nobody.
      call.on("error", () => {});
      const events: MessageOutput<"binlogdata.VEvent">[] = [];
      try {
        for await (const message of call) {
          events.push(...(message as MessageOutput<"binlogdata.VStreamResponse">).events);
          if (enough(events)) break;
        }
      } finally {
        call.cancel();
      }
      return events;
    },
    execute: (sql) =>
      new Promise((resolve, reject) =>
        client.execute({ target, query: { sql } }, deadline(), (error, response) =>
          response === undefined ? reject(error) : resolve(response),
        ),
      ),
    close: () => client.close(),
  };
}

/** What a call that must fail failed with. */
export async function failureOf(call: Promise<unknown>): Promise<RawFailure> {
  try {
    await call;
  } catch (error) {
    const { code, details } = error as ServiceError;
    return { code, details };
  }
  throw new Error("the call succeeded");
}
