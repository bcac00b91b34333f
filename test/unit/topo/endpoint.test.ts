import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/errors.js";
import { parseEndpoints } from "../../../src/topo/etcd/endpoint.js";

describe("a topology server's address", () => {
  test("is a list of endpoints, with or without a scheme", () => {
    expect(parseEndpoints("localhost:2379, http://10.0.0.1:22379 ,https://etcd.example.com:2379/,[::1]:2379")).toEqual([
      { address: "localhost:2379", host: "localhost", port: 2379, secure: false },
      { address: "10.0.0.1:22379", host: "10.0.0.1", port: 22379, secure: false },
      { address: "etcd.example.com:2379", host: "etcd.example.com", port: 2379, secure: true },
      { address: "[::1]:2379", host: "::1", port: 2379, secure: false },
    ]);
  });

  test.each([
    "",
    " , ",
    "localhost",
    "localhost:",
    ":2379",
    "localhost:0",
    "localhost:65536",
    "a b:1",
    "::1:2379",
    "h:1/x",
  ])("is not %j", (server) => {
    expect(() => parseEndpoints(server)).toThrow(UsageError);
  });
});
