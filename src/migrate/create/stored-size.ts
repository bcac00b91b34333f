import { PreflightError } from "../../errors.js";
import type { Capabilities } from "../../tablet/capabilities.js";
import { type BinlogSource, type FilterRule, formatBinlogSource } from "../../wire/binlog-source.js";
import { type Target, targetName } from "../../workflow/targets.js";
import type { PlannedStream } from "./streams.js";

/** What a tablet keeps of a stream's source, and how much of it there may be. */
interface Keeping {
  limit: number;
  /** Bytes of a source's text. */
  size(text: string): number;
  /** No character of a table's name or filter takes more, and no rule more beside them. */
  perCharacter: number;
  perRule: number;
  /** "0/zone1-0000000100 stores 65535" */
  described(place: string, limit: number): string;
  remedy: string;
}

/** The rules that a target's streams share, and how many bytes its tablet has for them. */
interface Room {
  target: Target;
  rules: FilterRule[];
  keeping: Keeping;
  /** What all the rules take. */
  needed: number;
  /** What is left for them beside the rest of the longest stream. */
  available: number;
}

/**
 * That each target's tablet can keep its streams' sources. v11's column ends at 65,535 bytes, and parsers refuse
 * fields that they don't know. Tablets without the column `options` (v19 and older) also write the new row into a log
 * of 65,535 bytes, as JSON, and fail when that is too long, with the stream half made
 * (go/vt/vttablet/tabletmanager/vreplication/utils.go, insertLog, v11.0.4 to v19.0.10); v20 shortens it. Quick: rules
 * are measured once for all the streams that share them. `capabilities` has every target.
 *
 * PreflightError with the sizes, with how many tables fit, and a proposal of workflows that do.
 */
export function requireStorable(streams: PlannedStream[], capabilities: ReadonlyMap<Target, Capabilities>): void {
  requireTimeZoneFields(streams, capabilities);
  const tight = measure(streams, capabilities).filter(({ needed, available }) => needed > available);
  const [worst] = tight.sort((a, b) => b.needed - b.available - (a.needed - a.available));
  if (worst === undefined) return;
  const { rules, keeping, needed, available } = worst;
  const { limit } = keeping;
  const kept = keeping.described(targetName(worst.target), limit);
  const said = `the filters of ${count(rules.length)} take ${needed + limit - available} bytes, and ${kept}`;
  const tables = rules.map(({ match }) => match);
  const parts = split(tables, tight);
  if (parts === undefined) {
    throw new PreflightError(`${said}: there is a table whose filter alone is too long`, {
      hint: `Leave it out with -exclude, or upgrade the target's tablets: ${keeping.remedy}.`,
    });
  }
  const proposal = parts.map((part, index) => `${index + 1}. ${named(part)}`).join("; ");
  throw new PreflightError(`${said}: ${parts[0]?.length} of them fit into one workflow`, {
    hint: `Make ${parts.length} workflows, with -tables: ${proposal}.`,
  });
}

/** The fields came with v14, and so did the column `workflow_type` (proto/binlogdata.proto). */
function requireTimeZoneFields(streams: PlannedStream[], capabilities: ReadonlyMap<Target, Capabilities>): void {
  const converting = streams.filter(({ source }) => source.sourceTimeZone !== "" || source.targetTimeZone !== "");
  const targets = converting.map(({ target }) => target);
  const unable = new Set(targets.filter((target) => capabilities.get(target)?.columns.has("workflow_type") === false));
  if (unable.size === 0) return;
  throw new PreflightError(
    `tablets older than Vitess v14 can't convert time zones: ${[...unable].map(targetName).join(", ")}`,
    { hint: "Leave out -source_time_zone, or upgrade the target first." },
  );
}

function measure(streams: PlannedStream[], capabilities: ReadonlyMap<Target, Capabilities>): Room[] {
  const rooms = new Map<FilterRule[], Room[]>();
  const roomy = new Set<FilterRule[]>();
  for (const { target, source } of streams) {
    const known = capabilities.get(target);
    const { rules } = source.filter;
    if (known === undefined || roomy.has(rules)) continue;
    const text = formatBinlogSource({ ...source, filter: { rules: [] } });
    const free = (keeping: Keeping) => keeping.limit - keeping.size(text);
    const measured = rooms.get(rules);
    if (measured !== undefined) {
      for (const room of measured) room.available = Math.min(room.available, free(room.keeping));
      continue;
    }
    const tight = keepings(known).filter((keeping) => atMost(rules, keeping) >= free(keeping) - SLACK);
    if (tight.length === 0) roomy.add(rules);
    const withRules = tight.length === 0 ? "" : formatBinlogSource(source);
    const found = tight.map((keeping) => {
      const needed = keeping.size(withRules) - keeping.size(text);
      return { target, rules, keeping, needed, available: free(keeping) };
    });
    if (found.length > 0) rooms.set(rules, found);
  }
  return [...rooms.values()].flat();
}

function keepings({ columns, maxSourceBytes }: Capabilities): Keeping[] {
  const column = {
    limit: maxSourceBytes,
    size: (text: string) => Buffer.byteLength(text),
    // \u0080
    perCharacter: 6,
    perRule: 40,
    described: (place: string, limit: number) => `${place} stores ${limit}`,
    remedy: "from v12 on they store 16 MiB",
  };
  return columns.has("options") ? [column] : [column, LOG];
}

/** Go's encoding/json writes these as \u and four digits: one byte becomes six. The last two have three. */
const ESCAPED_BY_GO = /[<>&\u2028\u2029]/g;

/** What the other columns of a stream's row take at most in its log: their names and their longest contents. */
const OTHER_COLUMNS = 3_000;

const LOG: Keeping = {
  limit: 65_535 - OTHER_COLUMNS,
  size: (text) => Buffer.byteLength(JSON.stringify(text)) + 5 * (text.match(ESCAPED_BY_GO)?.length ?? 0) - 2,
  perCharacter: 12,
  perRule: 60,
  described: (place, limit) => `${place} has room for ${limit} in its log of streams`,
  remedy: "from v20 on they shorten what they log",
};

/** More than the streams of one target differ by: the names of source shards. */
const SLACK = 1_000;

/** A bound that takes no formatting. */
function atMost(rules: FilterRule[], { perCharacter, perRule }: Keeping): number {
  return rules.reduce((sum, { match, filter }) => sum + perCharacter * (match.length + filter.length) + perRule, 0);
}

/** What rules add to a source without any. */
function ruleBytes(rules: FilterRule[], { size }: Keeping): number {
  return size(formatBinlogSource({ ...BARE, filter: { rules } })) - size(formatBinlogSource(BARE));
}

const BARE: BinlogSource = {
  keyspace: "",
  shard: "",
  filter: { rules: [] },
  onDdl: "IGNORE",
  stopAfterCopy: false,
  externalCluster: "",
  sourceTimeZone: "",
  targetTimeZone: "",
};

/** Tables, in their order, in as few parts as every stream has room for; undefined when one alone doesn't fit. */
function split(tables: string[], rooms: Room[]): string[][] | undefined {
  const sizes = rooms.map(({ rules, keeping }) => rules.map((rule) => ruleBytes([rule], keeping)));
  const parts: string[][] = [];
  let part: string[] = [];
  let used = rooms.map(() => 0);
  for (const [index, table] of tables.entries()) {
    // One more for the space between two rules.
    const own = sizes.map((each) => each[index] ?? 0);
    let grown = used.map((size, room) => size + (part.length > 0 ? 1 : 0) + (own[room] ?? 0));
    if (!fits(grown, rooms)) {
      if (part.length > 0) parts.push(part);
      part = [];
      grown = own;
      if (!fits(grown, rooms)) return undefined;
    }
    part.push(table);
    used = grown;
  }
  return [...parts, part];
}

function fits(used: number[], rooms: Room[]): boolean {
  return rooms.every(({ available }, index) => (used[index] ?? 0) <= available);
}

function named(tables: string[]): string {
  const [first, last] = [tables[0], tables.at(-1)];
  return first === last ? `${first}` : `${first} to ${last} (${count(tables.length)})`;
}

function count(tables: number): string {
  return tables === 1 ? "1 table" : `${tables} tables`;
}
