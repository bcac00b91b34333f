// A gRPC server in front of a sandbox tablet: it answers some methods itself and hands on everything else, as bytes.
import { Client, credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { serviceDefinition } from "../../../dist/modules/wire/proto.js";

const asItIs = (bytes) => bytes;
const options = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1, "grpc.enable_http_proxy": 0 };

/**
 * `answers` by method: (request, tablet) to the response, or to an iterable of responses for a stream, all of them bytes.
 * `tablet(service, method, request)` asks the tablet behind. Resolves with the port and a function that closes it.
 */
export async function standBefore(port, answers) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
  const server = new Server(options);
  const services = ["tabletmanagerservice.TabletManager", "queryservice.Query"].map(serviceDefinition);
  const ask = (method, request) => askTablet(client, services, method, request);
  for (const service of services) {
    const handlers = Object.entries(service).map(([name, { path, responseStream }]) => {
      const answer = answers[name];
      if (answer === undefined) return [name, responseStream ? passStream(client, path) : passCall(client, path)];
      return [name, responseStream ? answerStream(answer, ask) : answerCall(answer, ask)];
    });
    server.addService(bytesOnly(service), Object.fromEntries(handlers));
  }
  const bound = await new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, found) =>
      error === null ? resolve(found) : reject(error),
    ),
  );
  return {
    port: bound,
    close() {
      server.forceShutdown();
      client.close();
    },
  };
}

function bytesOnly(service) {
  const methods = Object.entries(service).map(([name, method]) => [
    name,
    { ...method, requestDeserialize: asItIs, responseSerialize: asItIs },
  ]);
  return Object.fromEntries(methods);
}

function askTablet(client, services, name, request) {
  const { path, requestSerialize, responseDeserialize } = services.find((service) => name in service)[name];
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, response) =>
      error === null ? resolve(response) : reject(error),
    ),
  );
}

const answerCall = (answer, ask) => (call, reply) => {
  answer(call.request, ask).then(
    (response) => reply(null, response),
    (error) => reply({ code: 2, details: String(error) }),
  );
};

const answerStream = (answer, ask) => async (call) => {
  try {
    for await (const response of answer(call.request, ask)) {
      if (call.cancelled) return;
      await new Promise((resolve) => {
        call.write(response, resolve);
        call.once("cancelled", resolve);
      });
      call.removeAllListeners("cancelled");
    }
    call.end();
  } catch (error) {
    call.emit("error", { code: 2, details: String(error) });
  }
};

const passCall = (client, path) => (call, reply) => {
  const passed = client.makeUnaryRequest(path, asItIs, asItIs, call.request, { deadline: call.getDeadline() }, reply);
  call.on("cancelled", () => passed.cancel());
};

const passStream = (client, path) => (call) => {
  const passed = client.makeServerStreamRequest(path, asItIs, asItIs, call.request, { deadline: call.getDeadline() });
  call.on("cancelled", () => passed.cancel());
  passed.on("error", (error) => call.emit("error", error));
  passed.on("data", (bytes) => call.write(bytes));
  passed.on("end", () => call.end());
};
