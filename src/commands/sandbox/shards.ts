import { UsageError } from "../../errors.js";
import { formatKeyRange, isFullKeyRange, type KeyRange, parseKeyRange } from "../../wire/key-range.js";

const hint =
  "Shards are key ranges in hexadecimal that follow on each other: -80,80- or -40,40-c0,c0-; 0 alone is no sharding.";

/**
 * Names of a keyspace's shards in key range order, lower case as Vitess stores them; none given is ["0"]. `flag` is
 * the option as typed, for messages. UsageError for names that aren't ranges, gaps and overlaps.
 */
export function readShards(flag: string, names: readonly string[]): string[] {
  const shards = names.map((name) => ({ name: name.toLowerCase(), range: rangeOf(flag, name) }));
  const [only] = shards;
  if (only === undefined) return ["0"];
  if (shards.length === 1 && isFullKeyRange(only.range)) return [only.name];
  const whole = shards.find(({ range }) => isFullKeyRange(range));
  if (whole !== undefined)
    throw new UsageError(`${flag}: shard ${whole.name} covers everything and stands alone`, { hint });
  const sorted = shards.toSorted((a, b) => compareBounds(a.range.start, b.range.start));
  let end: Buffer | undefined = Buffer.alloc(0);
  let before = "";
  for (const { name, range } of sorted) {
    if (end === undefined || compareBounds(range.start, end) < 0) {
      throw new UsageError(`${flag}: shards ${before} and ${name} overlap`, { hint });
    }
    if (compareBounds(range.start, end) > 0) throw gap(flag, { start: end, end: range.start });
    before = name;
    end = range.end.length === 0 ? undefined : range.end;
  }
  if (end !== undefined) throw gap(flag, { start: end, end: Buffer.alloc(0) });
  return sorted.map(({ name }) => name);
}

function rangeOf(flag: string, name: string): KeyRange {
  if (name !== "0" && !name.includes("-")) throw new UsageError(`${flag}: "${name}" is not a shard`, { hint });
  try {
    return parseKeyRange(name);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${flag}: ${error.message}`, { hint, cause: error });
  }
}

function gap(flag: string, range: KeyRange): UsageError {
  return new UsageError(`${flag}: no shard covers ${formatKeyRange(range)}`, { hint });
}

/** 80 and 8000 are the same place. */
function compareBounds(a: Buffer, b: Buffer): number {
  const width = Math.max(a.length, b.length);
  return padded(a, width).compare(padded(b, width));
}

function padded(bytes: Buffer, width: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(width - bytes.length)]);
}

/** UsageError for names that no keyspace can have (go/vt/topo/keyspace.go, ValidateKeyspaceName). */
export function readKeyspace(flag: string, name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9_-]{0,60}$/.test(name)) return name;
  throw new UsageError(`${flag}: "${name}" can't be a keyspace's name`, {
    hint: "Letters, digits, _ and - make one; 61 at most, as the database is called vt_<keyspace>.",
  });
}
