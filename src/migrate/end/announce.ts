import { PreflightError } from "../../errors.js";
import type { Step } from "../../plan.js";
import type { Topo } from "../../topo/port.js";
import { entryLine } from "../../vschema/entry-line.js";
import { parseTableSpec } from "../../vschema/table-spec.js";
import { ownEntry } from "../../vschema/vindex-choice.js";
import { decode } from "../../wire/proto.js";
import type { WorkflowName } from "../../workflow/name.js";
import { type CutPosition, updateRecord, type WorkflowRecord } from "../../workflow/record.js";
import type { Stream } from "../../workflow/streams.js";
import { inspectVSchema } from "../vschema.js";

interface Announcement {
  topo: Topo;
  name: WorkflowName;
  tables: string[];
  streams: Stream[];
  record: WorkflowRecord | undefined;
}

export interface AnnounceParts extends Announcement {
  /** Where the streams have ended, when it comes to this. */
  cut(): CutPosition[];
  /** Tables without an entry, as they were when the plan was made. */
  missing: string[];
  onAnnounced(): void;
}

/** The point of no return: from here on the application may find the tables. */
export function announceStep(parts: AnnounceParts): Step {
  const { topo, name, tables } = parts;
  const { keyspace, workflow } = name;
  let missing: string[] = [];
  return {
    describe: `Add the tables to the VSchema of ${keyspace}: ${tables.join(", ")}`,
    details: [`keyspaces/${keyspace}/VSchema`, ...newEntries(parts)],
    pointOfNoReturn: true,
    apply: async () => {
      missing = await missingEntries(parts);
      await updateRecord(topo, keyspace, workflow, (record) => {
        record.step = "announcing";
        record.cut = parts.cut();
        record.addedVSchemaTables = [...new Set([...record.addedVSchemaTables, ...missing])].sort();
      });
      if (missing.length > 0) await topo.addVSchemaTables(keyspace, missing, definitions(parts.record));
      // Whatever becomes of the entries later, the application may be using the tables.
      await updateRecord(topo, keyspace, workflow, (record) => {
        record.step = "announced";
      });
      parts.onAnnounced();
    },
    undo: {
      describe: "the new entries in the VSchema",
      // A write whose answer was lost may have got there.
      run: async () => {
        if (missing.length > 0) await topo.removeVSchemaTables(keyspace, missing);
      },
    },
  };
}

/**
 * The tables without an entry in the target's VSchema that are to be added. PreflightError, with lines for ApplyVSchema,
 * in a sharded keyspace: only an unsharded one can route a table by a bare entry. A table spec has what it takes.
 */
export async function missingEntries({ topo, name, tables, streams, record }: Announcement): Promise<string[]> {
  const { sharded, missing } = await inspectVSchema(topo, name.keyspace, tables);
  if (!sharded) return missing;
  const known = definitions(record);
  const lacking = missing.filter((table) => !known.has(table));
  if (lacking.length === 0) return missing;
  const { contents } = await topo.vschema(name.keyspace);
  const { vindexes } = decode("vschema.Keyspace", contents);
  const lines = lacking.map((table) => `${JSON.stringify(table)}: ${entryFor(table, streams, vindexes)}`);
  throw new PreflightError(`the VSchema of sharded keyspace ${name.keyspace} has no entry for ${lacking.join(", ")}`, {
    hint: `Add to its "tables" (GetVSchema ${name.keyspace}, ApplyVSchema), and complete then: ${lines.join(", ")}`,
  });
}

function newEntries({ missing, record }: AnnounceParts): string[] {
  if (missing.length === 0) return ["it has them all already"];
  const known = definitions(record);
  return missing.map((table) => entryLine(table, known.get(table)));
}

function definitions(record: WorkflowRecord | undefined): ReadonlyMap<string, Uint8Array> {
  return record?.tableSpec === undefined ? new Map() : parseTableSpec(record.tableSpec).definitions;
}

/**
 * What the streams know of a table: the vindex that picks the shard's rows, or that all rows go to every shard. The
 * name by which the source knows that vindex need not be the target's.
 */
function entryFor(table: string, streams: Stream[], vindexes: Record<string, { type: string }>): string {
  const rules = streams.flatMap(({ source }) => source.filter.rules).filter(({ filter }) => isSplit(filter));
  const own = rules.find(({ match }) => match === table);
  if (own === undefined && rules.length > 0) return `{"type": "reference"}`;
  const [, columns = "<column>", reference = ""] = SPLIT_BY.exec(own?.filter ?? "") ?? [];
  const type = reference.split(".").at(-1) ?? "";
  const name =
    ownEntry(vindexes, type) !== undefined ? type : Object.keys(vindexes).find((key) => vindexes[key]?.type === type);
  const named = columns.split(",").map((column) => column.trim().replaceAll("`", ""));
  const [first] = named;
  const column = named.length === 1 ? `"column": ${JSON.stringify(first)}` : `"columns": ${JSON.stringify(named)}`;
  return `{"columnVindexes": [{${column}, "name": ${JSON.stringify(name ?? "<vindex>")}}]}`;
}

/** in_keyrange(customer_id, 'hash', '-80'): columns, vindex (go/vt/vttablet/tabletserver/vstreamer/planbuilder.go). */
const SPLIT_BY = /\bin_keyrange\(((?:[^,']+, *)*?[^,']+), *'([^']+)', *'[^']*'\)/i;

/** By the null vindex a filter selects nothing: that is how a reference table is left to one source shard. */
function isSplit(filter: string): boolean {
  return /\bin_keyrange\(/i.test(filter) && SPLIT_BY.exec(filter)?.[2] !== "null";
}
