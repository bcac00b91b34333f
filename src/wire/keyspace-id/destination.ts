/** Where a vindex sends a row (go/vt/key/destination.go). */

/** A column's value as MySQL's text protocol prints it. */
export type ColumnValue = Buffer | null;

/** One column's keyspace id; null when the value maps to none. `type` is the column's query.Type, "INT64". */
export type HashFunction = (value: ColumnValue, type?: string) => Buffer | null;

export type Destination =
  /** An empty id, which `binary` and `cfc` make of NULL and of the empty string, is one that no stream takes. */
  | { kind: "id"; id: Buffer }
  | { kind: "none" }
  /** Of a multi-column vindex that got only its first columns. An empty `end` is unbounded. */
  | { kind: "range"; start: Buffer; end: Buffer };

/** Types as in HashFunction. Throws VindexError for what Vitess reports as an error instead of as "none". */
export type MapFunction = (values: readonly ColumnValue[], types?: readonly (string | undefined)[]) => Destination;

/** In Vitess's words: parameters that make no vindex, or a value that one refuses with an error. */
export class VindexError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "VindexError";
  }
}

export function destinationOf(id: Buffer | null): Destination {
  return id === null ? { kind: "none" } : { kind: "id", id };
}

/** Every id that begins with these bytes (go/vt/vtgate/vindexes/cfc.go, NewKeyRangeFromPrefix). */
export function rangeOfPrefix(start: Buffer): Destination {
  const end = Buffer.from(start);
  for (let i = end.length - 1; i >= 0; i--) {
    const next = ((end[i] ?? 0) + 1) & 0xff;
    end[i] = next;
    if (next !== 0) return { kind: "range", start, end };
  }
  return { kind: "range", start, end: Buffer.alloc(0) };
}

/** "DestinationKeyspaceID(166b40b44aba4bd6)", as Vitess prints it in errors. */
export function destinationText(destination: Destination): string {
  switch (destination.kind) {
    case "id":
      return `DestinationKeyspaceID(${destination.id.toString("hex")})`;
    case "none":
      return "DestinationNone()";
    case "range":
      return `DestinationKeyRange(${destination.start.toString("hex")}-${destination.end.toString("hex")})`;
  }
}
