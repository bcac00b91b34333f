import { type CallOptions, makeGenericClientConstructor, type ServiceError } from "@grpc/grpc-js";
import type { TabletSecurity } from "../../net/security.js";
import type { BeginResponse__Output } from "../../wire/generated/query/BeginResponse.js";
import type { ExecuteResponse__Output } from "../../wire/generated/query/ExecuteResponse.js";
import type { QueryClient } from "../../wire/generated/queryservice/Query.js";
import { serviceDefinition } from "../../wire/proto.js";
import { decodeResult, type ResultSet } from "../../wire/result.js";
import { tabletConnection } from "../tablet-connection.js";
import { tabletError } from "./errors.js";
import { describeTarget, type ShardTarget } from "./route.js";
import type { Topology } from "./topology.js";

const queryTimeoutMs = 30_000;
const maxMessageBytes = 64 << 20;

export interface ExecuteParameters {
  sql: string;
  /** "0" outside transactions. */
  transactionId: string;
  /** The client asked for matched instead of changed rows in its handshake. */
  clientFoundRows: boolean;
}

/** The Query service of the cluster's tablets, looked up in the topology for each call. Errors are SqlErrors. */
export class TabletClient {
  readonly #topology: Topology;
  readonly #security: TabletSecurity;
  readonly #channels = new Map<string, QueryClient>();

  constructor(topology: Topology, security: TabletSecurity = {}) {
    this.#topology = topology;
    this.#security = security;
  }

  async execute(target: ShardTarget, parameters: ExecuteParameters): Promise<ResultSet> {
    const request = {
      target: protoTarget(target),
      query: { sql: parameters.sql },
      transaction_id: parameters.transactionId,
      options: { included_fields: "ALL" as const, client_found_rows: parameters.clientFoundRows },
    };
    const answer = await this.#call<ExecuteResponse__Output>(target, (client, options, done) =>
      client.execute(request, options, done),
    );
    return decodeResult(answer.result);
  }

  async begin(target: ShardTarget): Promise<string> {
    const request = { target: protoTarget(target) };
    const answer = await this.#call<BeginResponse__Output>(target, (client, options, done) =>
      client.begin(request, options, done),
    );
    return answer.transaction_id;
  }

  async commit(target: ShardTarget, transactionId: string): Promise<void> {
    const request = { target: protoTarget(target), transaction_id: transactionId };
    await this.#call(target, (client, options, done) => client.commit(request, options, done));
  }

  async rollback(target: ShardTarget, transactionId: string): Promise<void> {
    const request = { target: protoTarget(target), transaction_id: transactionId };
    await this.#call(target, (client, options, done) => client.rollback(request, options, done));
  }

  #call<T>(
    target: ShardTarget,
    method: (client: QueryClient, options: CallOptions, done: (error: ServiceError | null, value?: T) => void) => void,
  ): Promise<T> {
    const { grpcAddress } = this.#topology.tablet(target.keyspace, target.shard, target.tabletType);
    const client = this.#channel(grpcAddress);
    return new Promise((resolve, reject) => {
      method(client, { deadline: Date.now() + queryTimeoutMs }, (error, value) => {
        if (error !== null || value === undefined) reject(tabletError(describeTarget(target), error as ServiceError));
        else resolve(value);
      });
    });
  }

  #channel(address: string): QueryClient {
    const open = this.#channels.get(address);
    if (open !== undefined) return open;
    const Client = makeGenericClientConstructor(serviceDefinition("queryservice.Query"), "Query");
    const { credentials, options } = tabletConnection(this.#security, "query");
    const client = new Client(address, credentials, {
      ...options,
      "grpc.max_receive_message_length": maxMessageBytes,
      "grpc.max_send_message_length": maxMessageBytes,
    }) as unknown as QueryClient;
    this.#channels.set(address, client);
    return client;
  }

  close(): void {
    for (const client of this.#channels.values()) client.close();
    this.#channels.clear();
  }
}

function protoTarget(target: ShardTarget): { keyspace: string; shard: string; tablet_type: ShardTarget["tabletType"] } {
  return { keyspace: target.keyspace, shard: target.shard, tablet_type: target.tabletType };
}
