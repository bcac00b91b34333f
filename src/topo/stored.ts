import { FailedError } from "../errors.js";
import { readFields, type WireField } from "../wire/fields.js";
import { decode, type MessageName, type MessageOutput } from "../wire/proto.js";
import type { TopoFile } from "./port.js";

/** FailedError naming the file when its bytes are no such message. */
export function decodeFile<Name extends MessageName>(name: Name, file: TopoFile): MessageOutput<Name> {
  return readable(file.path, () => decode(name, file.contents));
}

/** The top-level fields of a message in a file; FailedError naming it when its bytes are none. */
export function fieldsOf(path: string, contents: Buffer): WireField[] {
  return readable(path, () => readFields(contents));
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FailedError(`the topology's ${path} can't be read: ${reason}`, { cause: error });
  }
}
