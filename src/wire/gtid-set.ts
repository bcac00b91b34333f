/**
 * MySQL GTID sets, "<uuid>:1-5:7,<uuid>:<tag>:1" (tags since MySQL 8.3), as sorted disjoint intervals
 * of transaction numbers per source (go/mysql/replication/mysql56_gtid_set.go).
 */
export type GtidSet = ReadonlyMap<string, readonly Interval[]>;

/** Both ends are inclusive. */
interface Interval {
  first: bigint;
  last: bigint;
}

/** Throws SyntaxError for text that isn't a GTID set; "" is the empty set. */
export function parseGtidSet(text: string): GtidSet {
  const set = new Map<string, Interval[]>();
  for (const part of text.split(",").map((piece) => piece.trim())) {
    if (part === "") continue;
    const [uuid = "", ...words] = part.split(":").map((word) => word.trim());
    if (!/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/.test(uuid) || words.length === 0) {
      throw new SyntaxError(`"${part}" is not a GTID set`);
    }
    let source = uuid.toLowerCase();
    for (const word of words) {
      if (/^[a-z_][a-z0-9_]*$/i.test(word)) {
        source = `${uuid.toLowerCase()}:${word.toLowerCase()}`;
        continue;
      }
      set.set(source, merge([...(set.get(source) ?? []), parseInterval(word)]));
    }
  }
  return set;
}

function parseInterval(word: string): Interval {
  const match = /^(\d+)(?:-(\d+))?$/.exec(word);
  if (match === null) throw new SyntaxError(`"${word}" is not an interval of a GTID set`);
  const first = BigInt(match[1] ?? "");
  return { first, last: match[2] === undefined ? first : BigInt(match[2]) };
}

/** Sources sorted, intervals ascending, a single transaction without a dash. */
export function formatGtidSet(set: GtidSet): string {
  return [...set.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([source, intervals]) => [source, ...intervals.map(formatInterval)].join(":"))
    .join(",");
}

function formatInterval({ first, last }: Interval): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

export function gtidSetContains(outer: GtidSet, inner: GtidSet): boolean {
  return [...inner].every(([source, intervals]) => {
    const available = outer.get(source) ?? [];
    return intervals.every((wanted) => available.some((has) => has.first <= wanted.first && wanted.last <= has.last));
  });
}

export function gtidSetUnion(a: GtidSet, b: GtidSet): GtidSet {
  const union = new Map(a);
  for (const [source, intervals] of b) union.set(source, merge([...(union.get(source) ?? []), ...intervals]));
  return union;
}

/** Sorts, and joins intervals that touch. */
function merge(intervals: Interval[]): Interval[] {
  const sorted = [...intervals].sort((a, b) => (a.first < b.first ? -1 : 1));
  const merged: Interval[] = [];
  for (const next of sorted) {
    const previous = merged.at(-1);
    if (previous === undefined || next.first > previous.last + 1n) merged.push({ ...next });
    else if (next.last > previous.last) previous.last = next.last;
  }
  return merged;
}
