/**
 * proto/ against bytes that real Vitess clusters wrote: topology records, tablets' answers, and the
 * requests that were sent to them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decode, encode, type MessageName, serviceDefinition } from "../../../src/wire/proto.js";

const dir = join(import.meta.dirname, "../../fixtures/recordings");
const protoDir = join(import.meta.dirname, "../../../proto");
const files = readdirSync(dir);

/** Names of enum values numbered 0: what an absent enum field decodes to. */
const zeroNames = new Set<unknown>(
  readdirSync(protoDir)
    .filter((name) => name.endsWith(".proto"))
    .flatMap((name) => [...readFileSync(join(protoDir, name), "utf8").matchAll(/(\w+) = 0;/g)])
    .map((match) => match[1]),
);

interface TopoRecord {
  key: string;
  message: MessageName | null;
  value_base64: string;
  decoded: unknown;
}

interface WireRecord {
  name: string;
  method: string;
  request: object;
  request_base64: string;
  responses: object[] | null;
  responses_base64: string[];
}

describe.each(files.filter((name) => name.startsWith("topo-")))("%s", (file) => {
  const records = JSON.parse(readFileSync(join(dir, file), "utf8")) as TopoRecord[];
  it("has records", () => expect(records.length).toBeGreaterThan(10));
  it.each(records.filter((record) => record.message !== null))("decodes $key", (record) => {
    const message = decode(record.message as MessageName, Buffer.from(record.value_base64, "base64"));
    expect(withoutDefaults(message)).toEqual(withoutDefaults(record.decoded));
  });
});

describe.each(files.filter((name) => name.startsWith("wire-")))("%s", (file) => {
  const records = readFileSync(join(dir, file), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as WireRecord)
    // One record asks for a method that exists nowhere, to see how a tablet refuses.
    .filter((record) => !record.method.endsWith("/NoSuchMethod"));
  it("has records", () => expect(records.length).toBeGreaterThan(20));

  it.each(records)("encodes the request of $name", (record) => {
    expect(definitionOf(record.method).requestSerialize(record.request).toString("base64")).toBe(record.request_base64);
  });

  it.each(records.filter((record) => (record.responses ?? []).length > 0))("decodes the answers of $name", (record) => {
    const { responseDeserialize } = definitionOf(record.method);
    const decoded = record.responses_base64.map((bytes) => responseDeserialize(Buffer.from(bytes, "base64")));
    expect(decoded.map(withoutDefaults)).toEqual(record.responses?.map(withoutDefaults));
  });
});

it("encodes what it decoded to the same bytes", () => {
  const bytes = encode("topodata.TabletAlias", { cell: "zone1", uid: 100 });
  expect(encode("topodata.TabletAlias", decode("topodata.TabletAlias", bytes))).toEqual(bytes);
});

function definitionOf(path: string) {
  const [, service = "", method = ""] = path.split("/");
  const definition = serviceDefinition(service as Parameters<typeof serviceDefinition>[0])[method];
  if (definition === undefined) throw new Error(`proto/ has no ${path}`);
  return definition;
}

/** The recordings leave out what is zero, and write bytes as base64; so does the comparison. */
function withoutDefaults(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return value.length === 0 ? undefined : value.toString("base64");
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => withoutDefaults(item) ?? {});
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value)
      .filter(([name]) => !name.startsWith("_"))
      .map(([name, field]) => [name, withoutDefaults(field)] as const)
      .filter(([, field]) => field !== undefined);
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  const isDefault =
    value === null || value === "" || value === "0" || value === 0 || value === false || zeroNames.has(value);
  return isDefault ? undefined : value;
}
