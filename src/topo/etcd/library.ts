import { createRequire } from "node:module";
import type * as Grpc from "@grpc/grpc-js";
import type * as Etcd3Library from "etcd3";

/** By require: an import would first read through all of a CommonJS package's files for the names of its exports. */
const require = createRequire(import.meta.url);

export function loadEtcd3(): typeof Etcd3Library {
  return require("etcd3") as typeof Etcd3Library;
}

/** The copy that etcd3 uses. */
export function loadGrpc(): typeof Grpc {
  return require("@grpc/grpc-js") as typeof Grpc;
}
