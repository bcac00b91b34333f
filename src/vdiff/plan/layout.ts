import { FailedError } from "../../errors.js";
import type { FilterRule } from "../../wire/binlog-source.js";
import { keyRangeContains, parseKeyRange } from "../../wire/key-range.js";
import { parseFilter, type TableFilter } from "./filter.js";

/** The rules of one stream, and the names of the shards between which it runs. */
export interface StreamRules {
  source: string;
  target: string;
  rules: readonly FilterRule[];
}

/** Names of shards: all rows that the sources have of a table, each counted once, are what the targets have of it. */
export interface ShardGroup {
  sources: string[];
  targets: string[];
}

export interface TableLayout {
  filter: TableFilter;
  /** Compared one by one. A target shard is in one of them, a source shard may be in several. */
  groups: ShardGroup[];
  /** Several target shards have every row: each of their copies is compared, and counts. */
  copied: boolean;
}

interface Feed {
  source: string;
  target: string;
  /** Of the stream's rule, as written. */
  text: string;
}

type ParsedFeed = Omit<Feed, "text"> & { filter: TableFilter };

/**
 * Which shards of both sides have to agree about a table, by what the filters select and nothing else: what the VSchemas
 * call a table may have changed since the streams were made.
 *
 * Where a stream takes its whole source shard, the target shard has all of that: it is compared by itself. So is each copy
 * of a reference table with the source shard that feeds it; the target's other streams, if any, select no rows of it
 * by a key range in which no row lies. Where streams take the rows of a key range, the shards that are connected by them
 * are compared together; which of them a row lies on isn't looked at.
 *
 * FailedError: a filter that can't be compared, or filters that differ by more than their key ranges.
 */
export class Layouts {
  readonly #feeds = new Map<string, Feed[]>();

  constructor(streams: readonly StreamRules[]) {
    for (const { source, target, rules } of streams) {
      for (const { match, filter: text } of rules) addTo(this.#feeds, match, { source, target, text });
    }
  }

  of(table: string): TableLayout {
    const feeds = parsed(table, this.#feeds.get(table) ?? []);
    const [first] = feeds;
    if (first === undefined) throw new FailedError(`no stream has a rule for table ${table}`);
    if (feeds.some(({ filter }) => selection(filter) !== selection(first.filter))) {
      throw new FailedError(`the filters of table ${table} differ between its streams`, {
        hint: "Leave the table out with -tables.",
      });
    }
    const byTarget = new Map<string, ParsedFeed[]>();
    for (const feed of feeds) addTo(byTarget, feed.target, feed);
    const whole: ShardGroup[] = [];
    const ranged: ParsedFeed[] = [];
    for (const [target, here] of byTarget) {
      const feeding = here.filter(({ filter }) => filter.keyRange === undefined);
      const idle = here.filter(({ filter }) => filter.keyRange !== undefined && !holdsNull(filter.keyRange));
      if (feeding.length > 0 && feeding.length + idle.length === here.length) {
        whole.push({ sources: unique(feeding.map(({ source }) => source)), targets: [target] });
      } else ranged.push(...here);
    }
    const copied = whole.length > 1 && (whole.length < feeds.length || haveSourceInCommon(whole));
    return { filter: first.filter, groups: [...whole, ...connected(ranged)], copied };
  }
}

function addTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** Streams share most texts of their rules. */
function parsed(table: string, feeds: readonly Feed[]): ParsedFeed[] {
  const filters = new Map<string, TableFilter>();
  return feeds.map(({ source, target, text }) => {
    const filter = filters.get(text) ?? parseFilter(table, text);
    filters.set(text, filter);
    return { source, target, filter };
  });
}

/**
 * Rows that are to be passed over are given to the vindex "null", which takes all of them to keyspace id 00
 * (go/vt/vtgate/vindexes/null.go).
 */
function holdsNull(keyRange: string): boolean {
  return keyRangeContains(parseKeyRange(keyRange), Buffer.from([0]));
}

function selection({ from, columns, where }: TableFilter): string {
  return JSON.stringify([from, columns, where]);
}

function haveSourceInCommon(groups: readonly ShardGroup[]): boolean {
  const sources = groups.flatMap((group) => group.sources);
  return new Set(sources).size < sources.length;
}

/** The parts of the graph of source and target shards. */
function connected(feeds: readonly ParsedFeed[]): ShardGroup[] {
  let groups: ShardGroup[] = [];
  for (const { source, target } of feeds) {
    if (groups.some(({ sources, targets }) => sources.includes(source) && targets.includes(target))) continue;
    const touched = groups.filter(({ sources, targets }) => sources.includes(source) || targets.includes(target));
    const joined = {
      sources: unique([...touched.flatMap((group) => group.sources), source]),
      targets: unique([...touched.flatMap((group) => group.targets), target]),
    };
    groups = [...groups.filter((group) => !touched.includes(group)), joined];
  }
  return groups;
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}
