import { readFileSync } from "node:fs";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import type { TabletRecord } from "../../src/tablet/port.js";
import { serviceDefinition } from "../../src/wire/proto.js";

interface Exchange {
  name: string;
  method: string;
  request_base64: string;
  responses_base64: string[];
  error: { code: number; details: string } | null;
}

export interface RecordedTablet {
  record: TabletRecord;
  /** Methods called, in order. */
  calls: string[];
  /** Base64 of each call's request, for the recordings' own bytes to be compared with. */
  requests: string[];
  /** Answers the next calls of a method with this code instead. */
  failNext: { method: string; code: number; details: string }[];
  stop(): void;
}

/**
 * A gRPC server on a port of its own that gives the answers which a real tablet gave to the same request bytes, by the
 * recording's name. A method that was never recorded there is UNIMPLEMENTED.
 */
export async function startRecordedTablet(
  name: "11.0.4" | "14.0.5" | "18.0.8" | "22.0.3" | "22.0.3-mariadb",
): Promise<RecordedTablet> {
  const lines = readFileSync(new URL(`../fixtures/recordings/wire-v${name}.jsonl`, import.meta.url), "utf8");
  const exchanges: Exchange[] = lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
  const server = new Server();
  const tablet: RecordedTablet = {
    record: {
      mount: "",
      alias: "zone1-0000000001",
      cell: "zone1",
      uid: 1,
      keyspace: "commerce",
      shard: "0",
      type: "PRIMARY",
      hostname: "127.0.0.1",
      grpcAddress: "",
      dbName: "vt_commerce",
    },
    calls: [],
    requests: [],
    failNext: [],
    stop: () => server.forceShutdown(),
  };

  const answer = (path: string, request: Buffer): { error?: Partial<ServiceError>; responses: Buffer[] } => {
    const method = path.slice(path.lastIndexOf("/") + 1);
    tablet.calls.push(method);
    tablet.requests.push(request.toString("base64"));
    const forced = tablet.failNext.findIndex((failure) => failure.method === method);
    if (forced >= 0) return { error: tablet.failNext.splice(forced, 1)[0], responses: [] };
    const same = exchanges.filter((exchange) => exchange.method === path);
    const exchange = same.find((candidate) => candidate.request_base64 === request.toString("base64"));
    if (exchange === undefined) {
      const code = same.some((candidate) => candidate.error?.code === 12) ? status.UNIMPLEMENTED : status.UNKNOWN;
      return { error: { code, details: `never recorded: ${path} ${request.toString("utf8")}` }, responses: [] };
    }
    const responses = exchange.responses_base64.map((text) => Buffer.from(text, "base64"));
    return { responses, error: responses.length > 0 ? undefined : (exchange.error ?? undefined) };
  };

  for (const name of ["tabletmanagerservice.TabletManager", "queryservice.Query"] as const) {
    for (const definition of Object.values(serviceDefinition(name))) {
      const raw = {
        ...definition,
        requestDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
      };
      const unary: handleUnaryCall<Buffer, Buffer> = (call, done) => {
        const { error, responses } = answer(definition.path, call.request);
        done(error ?? null, responses[0]);
      };
      const streaming: handleServerStreamingCall<Buffer, Buffer> = (call) => {
        const { error, responses } = answer(definition.path, call.request);
        if (error !== undefined) return void call.emit("error", error);
        for (const response of responses) call.write(response);
        call.end();
      };
      server.addService(
        { [definition.path]: raw },
        { [definition.path]: definition.responseStream ? streaming : unary },
      );
    }
  }
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  tablet.record.grpcAddress = `127.0.0.1:${port}`;
  return tablet;
}
