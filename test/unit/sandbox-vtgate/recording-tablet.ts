import { Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import type { ExecuteRequest__Output } from "../../../src/wire/generated/query/ExecuteRequest.js";
import type { Target__Output } from "../../../src/wire/generated/query/Target.js";
import { serviceDefinition } from "../../../src/wire/proto.js";
import { encodeResult, type ResultSet } from "../../../src/wire/result.js";

export class Refusal extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
  }
}

interface Call<T> {
  request: T;
}
type Reply = (error: object | null, response?: object) => void;

/** The other end of the vtgate's gRPC: writes down what arrives and answers what the test says. */
export class RecordingTablet {
  /** "0.PRIMARY execute 0: select 1" */
  readonly calls: string[] = [];
  answer: (sql: string) => ResultSet = () => ({ fields: [], rows: [], rowsAffected: 0, insertId: 0n });
  port = 0;
  readonly #server = new Server();
  #transactions = 0;

  async start(): Promise<void> {
    this.#server.addService(serviceDefinition("queryservice.Query"), {
      Execute: (call: Call<ExecuteRequest__Output>, reply: Reply) => this.#execute(call.request, reply),
      Begin: (call: Call<{ target: Target__Output | null }>, reply: Reply) => {
        this.#transactions += 1;
        this.#record(call.request.target, `begin ${this.#transactions}`);
        reply(null, { transaction_id: this.#transactions });
      },
      Commit: (call: Call<{ target: Target__Output | null; transaction_id: string }>, reply: Reply) => {
        this.#record(call.request.target, `commit ${call.request.transaction_id}`);
        reply(null, {});
      },
      Rollback: (call: Call<{ target: Target__Output | null; transaction_id: string }>, reply: Reply) => {
        this.#record(call.request.target, `rollback ${call.request.transaction_id}`);
        reply(null, {});
      },
    });
    this.port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #execute(request: ExecuteRequest__Output, reply: Reply): void {
    const sql = request.query?.sql ?? "";
    this.#record(request.target, `execute ${request.transaction_id}: ${sql}`);
    try {
      reply(null, { result: encodeResult(this.answer(sql)) });
    } catch (error) {
      const code = error instanceof Refusal ? error.code : status.UNKNOWN;
      const details = (error as Error).message;
      reply(Object.assign(new Error(details), { code, details, metadata: new Metadata() }));
    }
  }

  #record(target: Target__Output | null, text: string): void {
    this.calls.push(`${target?.keyspace}.${target?.shard}.${target?.tablet_type} ${text}`);
  }
}
