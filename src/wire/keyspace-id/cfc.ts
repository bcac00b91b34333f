/** cfc: parts of a composite value, each hashed to at most its own length (go/vt/vtgate/vindexes/cfc.go). */
import { destinationOf, type MapFunction, VindexError } from "./destination.js";
import { md5, xxhash64 } from "./hashing.js";

const hashes = new Map([
  ["md5", md5],
  ["xxhash64", xxhash64],
]);

/** Without `hash` the value itself is the id. `name` is for errors. Throws VindexError for what Vitess refuses. */
export function cfc({ hash = "", offsets = "" }: Record<string, string>, name: string): MapFunction {
  if (hash === "") return ([value]) => destinationOf(value ?? Buffer.alloc(0));
  const hashed = hashes.get(hash);
  if (hashed === undefined) throw new VindexError(`invalid hash ${hash} to CFC vindex ${name}`);
  if (offsets === "") throw new VindexError("CFC vindex requires offsets when hash is defined");
  const bounds = parseOffsets(offsets, name);
  const needed = bounds.at(-1) ?? 0;
  const short = (part: Buffer) => hashed(part).subarray(0, part.length);
  return ([value]) => {
    const bytes = value ?? Buffer.alloc(0);
    if (bytes.length < needed) {
      throw new VindexError(`insufficient size for cfc vindex ${name}. need ${needed}, got ${bytes.length}`);
    }
    const ends = bytes.length > needed ? [...bounds, bytes.length] : bounds;
    return destinationOf(Buffer.concat(ends.map((end, i) => short(bytes.subarray(ends[i - 1] ?? 0, end)))));
  };
}

function parseOffsets(text: string, name: string): number[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const valid =
    Array.isArray(parsed) &&
    parsed.length > 0 &&
    parsed.every((offset, i, all) => Number.isInteger(offset) && offset > (i === 0 ? 0 : all[i - 1]));
  if (!valid) {
    throw new VindexError(`invalid offsets ${text} to CFC vindex ${name}. expected sorted positive ints in brackets`);
  }
  return parsed as number[];
}
