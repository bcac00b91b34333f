/** One call of a tablet, byte for byte: what was sent, and everything that came back. */
import type { Client, ServiceError } from "@grpc/grpc-js";
import { serviceDefinition } from "../../../src/wire/proto.js";

export interface Answer {
  responses: Buffer[];
  error: { code: number; details: string } | null;
}

const DEADLINE_MS = 10_000;
const identity = (bytes: Buffer) => bytes;

/** `method` is a full name: "/queryservice.Query/StreamHealth". Of a stream without an end only the first message is taken. */
export function send(client: Client, method: string, request: Buffer): Promise<Answer> {
  const [, service = "", name = ""] = method.split("/");
  const definition = serviceDefinition(service as Parameters<typeof serviceDefinition>[0])[name];
  const streams = definition?.responseStream === true;
  const endlessly = name === "StreamHealth";
  const responses: Buffer[] = [];
  return new Promise((resolve) => {
    const end = (error: ServiceError | null) =>
      resolve({ responses, error: error === null ? null : { code: error.code, details: error.details } });
    if (!streams) {
      const options = { deadline: Date.now() + DEADLINE_MS };
      client.makeUnaryRequest(method, identity, identity, request, options, (error, response) => {
        if (response !== undefined) responses.push(response);
        end(error);
      });
      return;
    }
    const call = client.makeServerStreamRequest(method, identity, identity, request);
    call.on("data", (response: Buffer) => {
      responses.push(response);
      if (!endlessly) return;
      end(null);
      call.cancel();
    });
    call.on("error", end);
    call.on("end", () => end(null));
  });
}
