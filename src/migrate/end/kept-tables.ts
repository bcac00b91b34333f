import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { FailedError, InterruptedError, NotFoundError } from "../../errors.js";
import { missingKeys } from "../../schema/keys.js";
import type { CallOptions, SchemaDefinition } from "../../tablet/port.js";
import { parseTabletTypes } from "../../tablet/types.js";
import type { Topo } from "../../topo/port.js";
import { records } from "../../wire/result.js";
import { quoteIdentifier } from "../../wire/sql.js";
import type { Stream } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { openSourceReader } from "../create/source-reader.js";

/** A statement that adds the keys which a kept table lacks. */
export interface MissingKeys {
  shard: string;
  table: string;
  /** "ALTER TABLE `vt_commerce`.`corder` ADD KEY `by_customer` (`customer_id`);" */
  alter: string;
}

/** What tables lack that stay while their copy is not done. */
export interface KeptState {
  /** "-80: corder, customer": tables with rows yet to copy. */
  incomplete: { shard: string; tables: string[] }[];
  missingKeys: MissingKeys[];
  /** Why the source's keys are not known, where they were not; then `missingKeys` is what the target remembers. */
  unchecked?: string;
}

/** Whether rows are missing, so that it is worth a look. */
export function isUnfinished(stream: Stream): boolean {
  return stream.copyState.length > 0 || stream.position === undefined;
}

/**
 * What -keep_data leaves behind in the middle of a copy. Streams that put secondary keys off drop them from each
 * table before they copy it and keep the statement that adds them in `_vt.post_copy_action`, which goes with the
 * stream (go/vt/vttablet/tabletmanager/vreplication/vreplicator.go, v16 and later). The source's schema tells which
 * they are; when it can't be read, that statement does. Read it with the streams stopped.
 */
export async function inspectKeptTables(
  ctx: Context,
  topo: Topo,
  streams: Stream[],
  options: CallOptions,
): Promise<KeptState> {
  const unfinished = streams.filter(isUnfinished);
  const incomplete = byTarget(unfinished).map(([target, own]) => ({ shard: target.shard.name, tables: toCopy(own) }));
  const deferring = unfinished.filter((stream) => stream.deferSecondaryKeys);
  if (deferring.length === 0) return { incomplete, missingKeys: [] };
  try {
    const source = await sourceSchema(ctx, topo, deferring, options);
    const lacking = await forEachAtOnce(byTarget(deferring), ([target, own]) =>
      comparedKeys(target, own, source, options),
    );
    return { incomplete, missingKeys: lacking.flat() };
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    const remembered = await forEachAtOnce(byTarget(deferring), ([target, own]) => deferredKeys(target, own, options));
    const unchecked = error instanceof Error ? error.message : String(error);
    return { incomplete, missingKeys: remembered.flat(), unchecked };
  }
}

/** Tables with rows to copy; a stream that hasn't begun has all of its own. */
function toCopy(streams: Stream[]): string[] {
  const tables = streams.flatMap((stream) =>
    stream.position === undefined
      ? stream.source.filter.rules.map((rule) => rule.match)
      : stream.copyState.map(({ table }) => table),
  );
  return [...new Set(tables)].sort();
}

function byTarget(streams: Stream[]): [Target, Stream[]][] {
  const targets = [...new Set(streams.map((stream) => stream.target))];
  return targets.map((target) => [target, streams.filter((stream) => stream.target === target)]);
}

/** Any tablet's word is good enough: only names and definitions of keys are compared. */
const ANY_TYPE = parseTabletTypes("in_order:PRIMARY,REPLICA,RDONLY");

async function sourceSchema(ctx: Context, topo: Topo, streams: Stream[], options: CallOptions) {
  const [first] = streams;
  if (first === undefined) throw new FailedError("no stream names a source");
  const { externalCluster, keyspace, shard } = first.source;
  const source = await topo.openMount(externalCluster);
  const choice = { source, cells: [], tabletTypes: ANY_TYPE };
  const signal = options.signal ?? ctx.signal;
  const { tablet } = await openSourceReader(ctx, await source.shard(keyspace, shard), choice, signal);
  return tablet.getSchema([], options);
}

async function comparedKeys(
  target: Target,
  streams: Stream[],
  source: SchemaDefinition,
  options: CallOptions,
): Promise<MissingKeys[]> {
  const { primary, shard } = target;
  const there = await primary.getSchema([], options);
  return tablesOf(streams).flatMap((table) => {
    const schema = (from: SchemaDefinition) => from.table_definitions.find(({ name }) => name === table)?.schema;
    const keys = missingKeys(schema(source) ?? "", schema(there) ?? "");
    if (keys.length === 0 || schema(there) === undefined) return [];
    const name = `${quoteIdentifier(primary.record.dbName)}.${quoteIdentifier(table)}`;
    const additions = keys.map((key) => `ADD ${closed(key)}`).join(", ");
    return [{ shard: shard.name, table, alter: `ALTER TABLE ${name} ${additions};` }];
  });
}

/** A version comment may end behind a key's last word. */
function closed(key: string): string {
  return key.lastIndexOf("/*") > key.lastIndexOf("*/") ? `${key} */` : key;
}

function tablesOf(streams: Stream[]): string[] {
  const rules = streams.flatMap((stream) => stream.source.filter.rules.map((rule) => rule.match));
  return [...new Set(rules)].sort();
}

/** The statements that the tablet itself would have run. Streams of several source shards remember the same ones. */
async function deferredKeys(target: Target, streams: Stream[], options: CallOptions): Promise<MissingKeys[]> {
  const ids = streams.map((stream) => stream.id).join(", ");
  // VReplicationExec refuses this table.
  const query = `select table_name, action from _vt.post_copy_action where vrepl_id in (${ids}) order by id`;
  const { primary, shard } = target;
  const rows = records(await primary.executeFetchAsDba(query, { ...options, maxRows: 10_000 }).catch(noSuchTable));
  const found = rows.map(({ table_name, action }) => ({
    shard: shard.name,
    table: table_name ?? "",
    alter: statementOf(action ?? ""),
  }));
  return found.filter((one, i) => found.findIndex((other) => other.alter === one.alter) === i);
}

/** {"type": 1, "task": "alter table ..."} */
function statementOf(action: string): string {
  try {
    const { task } = JSON.parse(action) as { task?: unknown };
    if (typeof task === "string") return `${task};`;
  } catch {
    // A later version's action: better its text than nothing.
  }
  return action;
}

function noSuchTable(error: unknown) {
  if (!(error instanceof FailedError) && !(error instanceof NotFoundError)) throw error;
  return { fields: [], rows: [], rowsAffected: 0, insertId: 0n };
}
