import type { CallOptions } from "../tablet/port.js";
import { parseBinlogSource } from "../wire/binlog-source.js";
import { records } from "../wire/result.js";
import { sqlString } from "../wire/sql.js";
import type { WorkflowName } from "./name.js";
import type { Target } from "./targets.js";

/** A stream into a target shard, and what it fills there. */
export interface FillingStream {
  workflow: string;
  /** The tables that its rules name; those that a regular expression matches aren't among them. */
  tables: string[];
  /** Rules that are regular expressions are taken to match any table; so is a source that can't be read. */
  fills(table: string): boolean;
}

/** All streams into a target shard, whatever their states. */
export async function streamsInto({ primary }: Target, options: CallOptions = {}): Promise<FillingStream[]> {
  const where = `db_name = ${sqlString(primary.record.dbName)}`;
  const result = await primary.vreplicationExec(`select * from _vt.vreplication where ${where}`, options);
  return records(result).map((row) => ({ workflow: row.workflow ?? "", ...readRules(row.source ?? "") }));
}

/** Those that aren't the workflow's. */
export async function otherStreams(
  name: WorkflowName,
  target: Target,
  options: CallOptions = {},
): Promise<FillingStream[]> {
  return (await streamsInto(target, options)).filter(({ workflow }) => workflow !== name.workflow);
}

function readRules(source: string): Omit<FillingStream, "workflow"> {
  try {
    const matches = parseBinlogSource(source).filter.rules.map((rule) => rule.match);
    const tables = matches.filter((match) => !match.startsWith("/"));
    return { tables, fills: (table) => tables.includes(table) || tables.length < matches.length };
  } catch {
    return { tables: [], fills: () => true };
  }
}
