import {
  type BestVindex,
  bestColumnVindex,
  type ColumnVindexChoice,
  isReferenceTable,
  type KeyspaceVSchema,
} from "../../../vschema/vindex-choice.js";
import { sameVindexFunction, vindexFunctionKey } from "../../../vschema/vindex-identity.js";
import type { FilterRule } from "../../../wire/binlog-source.js";
import { NO_ROWS, rowsByRange, wholeTable } from "./filters.js";
import { type CellVSchema, referenceFinder, sameColumns } from "./vindex-reference.js";
import { refuseColumns, refuseReferences, refuseTargetVSchema, type UnresolvedVindex } from "./vindex-refusals.js";

/** A table of the source keyspace that is copied. */
export interface MovedTable {
  name: string;
  columns: string[];
  /** Empty: it has none. */
  primaryKey: string[];
}

export interface Side {
  keyspace: string;
  vschema: KeyspaceVSchema;
  /** Names of the shards that take part. */
  shards: string[];
}

export interface PairingInput {
  source: Side;
  target: Side;
  /** In the order of the streams' rules. */
  tables: MovedTable[];
  /** The SrvVSchema of each source cell that streams may read from. */
  sourceCells: CellVSchema[];
}

/** Which rows of a table belong where. */
export interface TableRoute {
  table: string;
  /** Every row. */
  whole: FilterRule;
  /** Those of a target shard; undefined: every target shard gets them all. */
  byRange: ((keyRange: string) => FilterRule) | undefined;
  /** For a table that every source shard has whole: what a stream says that takes none of its rows. */
  none: FilterRule | undefined;
  /** Its rows go from a source shard only to target shards whose key ranges intersect. */
  sameSharding: boolean;
}

/**
 * A route for each table (go/vt/vtctl/workflow/materializer.go, generateBinlogSources and primaryVindexesDiffer, v22;
 * vindexes' parameters are compared too). `filtered`: there are target shards that take only a part of the rows.
 * PreflightErrors list every table that has none, with what to add to which VSchema.
 */
export function planRoutes(input: PairingInput, filtered: boolean): TableRoute[] {
  const { source, target, tables } = input;
  const choices = target.vschema.sharded ? chooseTargetVindexes(input) : new Map<string, ColumnVindexChoice>();
  const finder = referenceFinder(source.keyspace, input.sourceCells);
  const unresolved = new Map<string, UnresolvedVindex>();

  function rowsBy(vindex: ColumnVindexChoice, table: string): (keyRange: string) => FilterRule {
    const { columns } = vindex;
    const reference = finder.find(vindex, { name: table, columns });
    if (reference !== undefined) return rowsByRange(table, columns, reference);
    const key = vindexFunctionKey(vindex);
    const missing = unresolved.get(key) ?? { vindex, tables: [], cellsWith: finder.cellsWith(vindex) };
    missing.tables.push(table);
    unresolved.set(key, missing);
    return () => wholeTable(table);
  }

  const routes = tables.map(({ name: table, columns, primaryKey }): TableRoute => {
    const choice = choices.get(table);
    const whole = isWholeInEachShard(source, table);
    const spared = whole && source.shards.length > 1;
    const anyColumn = primaryKey[0] ?? columns[0] ?? "";
    const { vindex, keyRange } = NO_ROWS;
    return {
      table,
      whole: wholeTable(table),
      byRange: choice === undefined || !filtered ? undefined : rowsBy(choice, table),
      none: spared ? rowsBy({ ...vindex, name: vindex.type, columns: [anyColumn] }, table)(keyRange) : undefined,
      sameSharding: whole || (choice !== undefined && isPlacedBy(source.vschema, table, choice)),
    };
  });
  if (unresolved.size > 0) throw refuseReferences(input, [...unresolved.values()]);
  return routes;
}

/** A reference table of a sharded source: each of its shards has every row. */
function isWholeInEachShard(source: Side, table: string): boolean {
  return source.vschema.sharded && isReferenceTable(source.vschema, table);
}

function isPlacedBy(source: KeyspaceVSchema, table: string, wanted: ColumnVindexChoice): boolean {
  const own = source.sharded ? bestColumnVindex(source, table).found : undefined;
  return own !== undefined && sameVindexFunction(own, wanted) && sameColumns(own.columns, wanted.columns);
}

/** The vindex of each table that isn't a reference table in the target. */
function chooseTargetVindexes(input: PairingInput): Map<string, ColumnVindexChoice> {
  const { target, tables } = input;
  const spread = tables.filter(({ name }) => !isReferenceTable(target.vschema, name));
  const found = new Map<string, ColumnVindexChoice>();
  const lacking: { table: MovedTable; why: Exclude<BestVindex, { found: ColumnVindexChoice }> }[] = [];
  for (const table of spread) {
    const best = bestColumnVindex(target.vschema, table.name);
    if (best.found === undefined) lacking.push({ table, why: best });
    else found.set(table.name, best.found);
  }
  if (lacking.length > 0) throw refuseTargetVSchema(input, lacking);
  const missing = spread.flatMap((table) => {
    const known = table.columns.map((column) => column.toLowerCase());
    const absent = found.get(table.name)?.columns.filter((column) => !known.includes(column.toLowerCase())) ?? [];
    return absent.length > 0 ? [{ table, absent }] : [];
  });
  if (missing.length > 0) throw refuseColumns(input, missing);
  return found;
}
