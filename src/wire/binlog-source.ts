/**
 * The part of binlogdata.BinlogSource that Migrate writes, and its prototext form as it is stored in
 * `_vt.vreplication.source`.
 */
export interface BinlogSource {
  keyspace: string;
  shard: string;
  filter: { rules: FilterRule[] };
  onDdl: OnDdl;
  stopAfterCopy: boolean;
  /** The mount's name; "" for a source in the same cluster. */
  externalCluster: string;
  sourceTimeZone: string;
  targetTimeZone: string;
}

export interface FilterRule {
  match: string;
  filter: string;
}

export type OnDdl = "IGNORE" | "STOP" | "EXEC" | "EXEC_IGNORE";

/** One line of prototext, as Go's prototext.Marshal prints it (with single spaces). */
export function formatBinlogSource(_source: BinlogSource): string {
  throw new Error("pending");
}

/** Parses what any Vitess from v11 on stored. Throws SyntaxError with the offset. Fields we don't model are skipped. */
export function parseBinlogSource(_text: string): BinlogSource {
  throw new Error("pending");
}
