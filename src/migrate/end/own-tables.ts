import type { CallOptions } from "../../tablet/port.js";
import { parseBinlogSource } from "../../wire/binlog-source.js";
import { records } from "../../wire/result.js";
import { sqlString } from "../../wire/sql.js";
import type { WorkflowName } from "../../workflow/name.js";
import type { WorkflowRecord } from "../../workflow/record.js";
import { workflowTables } from "../../workflow/state.js";
import type { Stream } from "../../workflow/streams.js";
import type { Target } from "../../workflow/targets.js";
import { filledTables } from "../create/schema.js";

/** Of the tables that Create made on a target: those that may be dropped, and those that became somebody else's. */
export interface OwnTables {
  target: Target;
  tables: string[];
  /** "customer (workflow commerce.wf2 fills it)" */
  kept: string[];
}

/**
 * Looks again at what the record says Create made, for it may be out of date: other tools end workflows too
 * and know nothing of the record. A table stays that another workflow fills, that the streams of today have
 * nothing to do with, or that has rows while there are no streams.
 */
export async function ownTables(
  name: WorkflowName,
  found: { targets: Target[]; streams: Stream[]; record: WorkflowRecord | undefined },
  options: CallOptions,
): Promise<OwnTables[]> {
  const { targets, streams, record } = found;
  const fed = new Set(workflowTables(streams));
  const all = targets.map(async (target) => {
    const created = record?.createdTables[target.shard.name] ?? [];
    if (created.length === 0) return { target, tables: [], kept: [] };
    const others = await otherWorkflows(name, target, options);
    const filled = streams.length === 0 ? await filledTables(target.primary, created, options) : [];
    const kept = created.flatMap((table) => {
      const other = others.find(({ fills }) => fills(table));
      if (other !== undefined) return [{ table, why: `workflow ${name.keyspace}.${other.workflow} fills it` }];
      if (streams.length > 0 && !fed.has(table)) return [{ table, why: "no stream of this workflow fills it" }];
      return filled.includes(table) ? [{ table, why: "it has rows, and no stream of this workflow is left" }] : [];
    });
    return {
      target,
      tables: created.filter((table) => !kept.some((entry) => entry.table === table)),
      kept: kept.map(({ table, why }) => `${table} (${why})`),
    };
  });
  return Promise.all(all);
}

interface OtherWorkflow {
  workflow: string;
  fills(table: string): boolean;
}

async function otherWorkflows(name: WorkflowName, { primary }: Target, options: CallOptions): Promise<OtherWorkflow[]> {
  const where = `db_name = ${sqlString(primary.record.dbName)}`;
  const result = await primary.vreplicationExec(`select * from _vt.vreplication where ${where}`, options);
  return records(result)
    .filter((row) => row.workflow !== name.workflow)
    .map((row) => ({ workflow: row.workflow ?? "", fills: filler(row.source ?? "") }));
}

/** Rules that are regular expressions are taken to match any table; so is a source that can't be read. */
function filler(source: string): (table: string) => boolean {
  try {
    const { rules } = parseBinlogSource(source).filter;
    return (table) => rules.some((rule) => rule.match === table || rule.match.startsWith("/"));
  } catch {
    return () => true;
  }
}
