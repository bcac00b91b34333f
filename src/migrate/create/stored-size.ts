import { PreflightError } from "../../errors.js";
import type { Capabilities } from "../../tablet/capabilities.js";
import { type BinlogSource, type FilterRule, formatBinlogSource } from "../../wire/binlog-source.js";
import { type Target, targetName } from "../../workflow/targets.js";
import type { PlannedStream } from "./streams.js";

/** The rules that a target's streams share, and how many bytes its tablet has for them. */
interface Room {
  target: Target;
  rules: FilterRule[];
  /** What all the rules take. */
  needed: number;
  /** What the column holds beside the rest of the longest stream. */
  available: number;
  limit: number;
}

/**
 * That each target's tablet can store its streams' sources: v11's column ends at 65,535 bytes, and its parser refuses
 * fields that it doesn't know. Quick: rules are measured once for all the streams that share them. `capabilities` has
 * every target.
 *
 * PreflightError with the sizes, with how many tables fit, and a proposal of workflows that do.
 */
export function requireStorable(streams: PlannedStream[], capabilities: ReadonlyMap<Target, Capabilities>): void {
  requireTimeZoneFields(streams, capabilities);
  const tight = measure(streams, capabilities).filter(({ needed, available }) => needed > available);
  const [worst] = tight.sort((a, b) => b.needed - b.available - (a.needed - a.available));
  if (worst === undefined) return;
  const { rules, needed, available, limit } = worst;
  const said = `the filters of ${count(rules.length)} take ${needed + limit - available} bytes, and ${targetName(worst.target)} stores ${limit}`;
  const tables = rules.map(({ match }) => match);
  const parts = split(tables, tight);
  if (parts === undefined) {
    throw new PreflightError(`${said}: there is a table whose filter alone is too long`, {
      hint: "Leave it out with -exclude, or upgrade the target's tablets: from v12 on they store 16 MiB.",
    });
  }
  const proposal = parts.map((part, index) => `${index + 1}. ${named(part)}`).join("; ");
  throw new PreflightError(`${said}: ${parts[0]?.length} of them fit into one workflow`, {
    hint: `Make ${parts.length} workflows, with -tables: ${proposal}.`,
  });
}

function requireTimeZoneFields(streams: PlannedStream[], capabilities: ReadonlyMap<Target, Capabilities>): void {
  const converting = streams.filter(({ source }) => source.sourceTimeZone !== "" || source.targetTimeZone !== "");
  const unable = new Set(
    converting.map(({ target }) => target).filter((target) => capabilities.get(target)?.beforeV12),
  );
  if (unable.size === 0) return;
  throw new PreflightError(
    `tablets of Vitess v11 can't convert time zones: ${[...unable].map(targetName).join(", ")}`,
    { hint: "Leave out -source_time_zone, or upgrade the target first." },
  );
}

function measure(streams: PlannedStream[], capabilities: ReadonlyMap<Target, Capabilities>): Room[] {
  const rooms = new Map<FilterRule[], Room>();
  const roomy = new Set<FilterRule[]>();
  for (const { target, source } of streams) {
    const limit = capabilities.get(target)?.maxSourceBytes;
    if (limit === undefined) continue;
    const { rules } = source.filter;
    if (roomy.has(rules)) continue;
    const available = limit - bytes({ ...source, filter: { rules: [] } });
    const room = rooms.get(rules);
    if (room === undefined && atMost(rules) < available - SLACK) {
      roomy.add(rules);
      continue;
    }
    if (room === undefined) rooms.set(rules, { target, rules, needed: ruleBytes(source, rules), available, limit });
    else if (available < room.available) room.available = available;
  }
  return [...rooms.values()];
}

/** More than the streams of one target differ by: the names of source shards. */
const SLACK = 1_000;

/** A bound that takes no formatting: no character becomes more than six bytes (\u0080). */
function atMost(rules: FilterRule[]): number {
  return rules.reduce((sum, { match, filter }) => sum + 6 * (match.length + filter.length) + 40, 0);
}

/** What rules add to a source without any. */
function ruleBytes(source: BinlogSource, rules: FilterRule[]): number {
  return bytes({ ...source, filter: { rules } }) - bytes({ ...source, filter: { rules: [] } });
}

function bytes(source: BinlogSource): number {
  return Buffer.byteLength(formatBinlogSource(source));
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
  const sizes = rooms.map(({ rules }) => rules.map((rule) => ruleBytes(BARE, [rule])));
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
