import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { ServiceDefinition } from "@grpc/grpc-js";

export type EtcdServiceName = "KV" | "Lease" | "Watch" | "Maintenance" | "Cluster" | "Auth";

let definitions: Record<string, unknown> | undefined;

/**
 * etcd's own service definitions (package etcdserverpb), from the rpc.proto that the etcd3 package
 * carries. int64 and uint64 come in as decimal strings (lease ids use all 63 bits); enums as numbers,
 * so that a value this server doesn't know stays what it is. What wasn't sent is undefined, lists are empty.
 */
export function etcdService(name: EtcdServiceName): ServiceDefinition {
  if (definitions === undefined) {
    const require = createRequire(import.meta.url);
    const { loadSync } = require("@grpc/proto-loader") as typeof import("@grpc/proto-loader");
    const protoDir = join(dirname(require.resolve("etcd3/package.json")), "proto");
    definitions = loadSync(join(protoDir, "rpc.proto"), {
      keepCase: true,
      longs: String,
      arrays: true,
      oneofs: true,
    });
  }
  return definitions[`etcdserverpb.${name}`] as ServiceDefinition;
}
