import { readFields } from "../wire/fields.js";
import { readStored } from "./document.js";
import { messages, type VSchemaMessage } from "./fields.js";

/**
 * Paths of the fields in a stored VSchema that this program doesn't know, such as "tables.t.12": they were
 * written by a newer Vitess, and a document printed or edited here lacks them. FailedError for bytes that
 * are no VSchema.
 */
export function unknownFields(bytes: Uint8Array): string[] {
  return readStored(() => [...new Set(walk(bytes, "Keyspace", ""))]);
}

function* walk(bytes: Uint8Array, name: VSchemaMessage, path: string): Generator<string> {
  for (const { number, payload } of readFields(bytes)) {
    const field = messages[name].find((candidate) => candidate.number === number);
    if (field === undefined) {
      yield `${path}${number}`;
      continue;
    }
    const { type } = field;
    if (type.kind !== "message") continue;
    if (field.shape !== "map") {
      yield* walk(payload, type.message, `${path}${field.name}.`);
      continue;
    }
    const entry = readFields(payload);
    const key = entry.find((part) => part.number === 1)?.payload.toString("utf8") ?? "";
    const value = entry.find((part) => part.number === 2);
    if (value !== undefined) yield* walk(value.payload, type.message, `${path}${field.name}.${key}.`);
  }
}
