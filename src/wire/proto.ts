import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type {
  EnumTypeDefinition,
  MessageTypeDefinition,
  Options,
  PackageDefinition,
  ServiceDefinition,
} from "@grpc/proto-loader";
import type { ProtoGrpcType as BinlogdataFile } from "./generated/binlogdata.js";
import type { ProtoGrpcType as QueryFile } from "./generated/query.js";
import type { ProtoGrpcType as TabletmanagerdataFile } from "./generated/tabletmanagerdata.js";
import type { ProtoGrpcType as TopodataFile } from "./generated/topodata.js";
import type { ProtoGrpcType as VschemaFile } from "./generated/vschema.js";

type Packages = BinlogdataFile & QueryFile & TabletmanagerdataFile & TopodataFile & VschemaFile;

/** The definition of "package.Message", taken from the generated types. */
type Definition<Name extends string> = Name extends `${infer P extends keyof Packages & string}.${infer M}`
  ? M extends keyof Packages[P]
    ? Packages[P][M]
    : never
  : never;

type MessageNameIn<P extends keyof Packages & string> = {
  [M in keyof Packages[P] & string]: Packages[P][M] extends MessageTypeDefinition<infer _In, infer _Out>
    ? `${P}.${M}`
    : never;
}[keyof Packages[P] & string];

/** "topodata.Tablet", "vschema.Keyspace", ...: every top-level message of proto/. */
export type MessageName = { [P in keyof Packages & string]: MessageNameIn<P> }[keyof Packages & string];

export type MessageInput<Name extends MessageName> =
  Definition<Name> extends MessageTypeDefinition<infer In, infer _Out> ? In : never;
export type MessageOutput<Name extends MessageName> =
  Definition<Name> extends MessageTypeDefinition<infer _In, infer Out> ? Out : never;

const require = createRequire(import.meta.url);
const protoDir = join(dirname(require.resolve("vtmigrate/package.json")), "proto");
/** With what they import, every file of proto/. */
const files = ["queryservice.proto", "tabletmanagerservice.proto", "vschema.proto"];
let loaded: PackageDefinition | undefined;

/**
 * Everything at once: file by file, what several of them import would be prepared as often. The loader
 * itself is required on first use: commands that print help must not pay for it.
 */
function definitions(): PackageDefinition {
  if (loaded === undefined) {
    const { loadSync } = require("@grpc/proto-loader") as typeof import("@grpc/proto-loader");
    loaded = loadSync(files, { ...readLoaderOptions(), includeDirs: [protoDir] });
  }
  return loaded;
}

/** proto/loader-options.json also feeds the type generator, so types and values can't drift apart. */
function readLoaderOptions(): Options {
  const options = JSON.parse(readFileSync(join(protoDir, "loader-options.json"), "utf8"));
  return { ...options, longs: String, enums: String };
}

function messageDefinition<Name extends MessageName>(
  name: Name,
): MessageTypeDefinition<MessageInput<Name>, MessageOutput<Name>> {
  return definitions()[name] as unknown as MessageTypeDefinition<MessageInput<Name>, MessageOutput<Name>>;
}

/** Protobuf bytes of a message, fields in number order. */
export function encode<Name extends MessageName>(name: Name, value: MessageInput<Name>): Buffer {
  return messageDefinition(name).serialize(value);
}

/** Absent fields come back as their defaults (null for messages). Unknown fields are dropped: see wire/fields.ts. */
export function decode<Name extends MessageName>(name: Name, bytes: Uint8Array): MessageOutput<Name> {
  return messageDefinition(name).deserialize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export type EnumName = "topodata.TabletType" | "query.Type";

/** The values of an enum: their numbers by name. */
export function enumValues(name: EnumName): Map<string, number> {
  const { type } = definitions()[name] as EnumTypeDefinition;
  const { value } = type as { value: { name: string; number: number }[] };
  return new Map(value.map((entry) => [entry.name, entry.number]));
}

/** The number of an enum's value. Decoded messages have its name, or the number itself where proto/ has no name for it. */
export function enumNumber(name: EnumName, value: string | number): number {
  return typeof value === "number" ? value : (enumValues(name).get(value) ?? 0);
}

/** For grpc-js's client constructor and addService. */
export function serviceDefinition(
  name: "tabletmanagerservice.TabletManager" | "queryservice.Query",
): ServiceDefinition {
  return definitions()[name] as ServiceDefinition;
}
