import type { ServiceDefinition } from "@grpc/grpc-js";

const sizes = new WeakMap<object, number>();

/** The same service; it remembers how many bytes each request had on the wire. */
export function measured(service: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [
      name,
      {
        ...method,
        requestDeserialize(bytes: Buffer): object {
          const request: object = method.requestDeserialize(bytes);
          sizes.set(request, bytes.length);
          return request;
        },
      },
    ]),
  );
}

/** 0 for a request that didn't come through a measured service. */
export function requestBytes(request: object): number {
  return sizes.get(request) ?? 0;
}
