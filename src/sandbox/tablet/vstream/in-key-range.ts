/** in_keyrange() in a filter's WHERE (go/vt/vttablet/tabletserver/vstreamer/planbuilder.go, analyzeInKeyRange). */
import { status } from "@grpc/grpc-js";
import { type KeyRange, keyRangeContains } from "../../../wire/key-range.js";
import type { Value } from "../../../wire/result.js";
import type { Expr } from "../../mysql/parse/ast.js";
import type { ColumnSchema } from "../../mysql/port.js";
import { NoNodeError } from "../../topo.js";
import { TabletError } from "../errors.js";
import type { TabletState } from "../state.js";
import { type ColumnVindex, LocalVSchema } from "./local-vschema.js";
import { keyspaceIdOfRow } from "./vindex.js";

export type RowTest = (row: readonly Value[]) => boolean;

/** A table that a stream reads: `sql` is the filter's SELECT; `find` throws for a column that the table hasn't. */
export interface SourceTable {
  name: string;
  sql: string;
  find(column: string): { column: ColumnSchema; index: number };
}

/**
 * The arguments are a key range; or columns, a vindex and a key range. With the range alone the vindex is the
 * table's own best one. The test throws for a row that has no keyspace id.
 */
export async function keyRangeTest(state: TabletState, table: SourceTable, args: readonly Expr[]): Promise<RowTest> {
  const vschema = new LocalVSchema(state.profile, state.identity.keyspace, await readSrvVSchema(state));
  const { vindex, columns } = columnVindex(vschema, table, args);
  const found = columns.map((name) => table.find(name));
  const range = keyRange(args.at(-1), table.sql);
  const types = found.map(({ column }) => String(column.field.type));
  return (row) => {
    const values = found.map(({ index }) => row[index] ?? null);
    return keyRangeContains(range, keyspaceIdOfRow(vindex, values, types));
  };
}

function columnVindex(vschema: LocalVSchema, { name, sql }: SourceTable, args: readonly Expr[]): ColumnVindex {
  if (args.length === 1) return vschema.findBestColumnVindex(name);
  if (args.length < 3) {
    const printed = args.map((arg) => sql.slice(arg.start, arg.end)).join(", ");
    throw new TabletError(status.INTERNAL, `[BUG] unexpected in_keyrange parameters: ${printed}`);
  }
  const columns = args.slice(0, -2).map((arg) => columnArgument(arg, sql));
  const reference = textArgument(args.at(-2), sql);
  const vindex = vschema.findOrCreateVindex(reference);
  if (vindex.unique) return { vindex, columns };
  throw new TabletError(status.INTERNAL, `vindex must be Unique to be used for VReplication: ${reference}`);
}

function columnArgument(arg: Expr, sql: string): string {
  const text = sql.slice(arg.start, arg.end);
  if (arg.kind !== "column") throw new TabletError(status.INTERNAL, `[BUG] unexpected: *sqlparser.Literal ${text}`);
  if (arg.table === undefined) return arg.name;
  throw new TabletError(status.UNIMPLEMENTED, `unsupported qualifier for column: ${text}`);
}

function textArgument(arg: Expr | undefined, sql: string): string {
  if (arg?.kind === "string") return arg.value;
  if (arg?.kind === "number") return arg.text;
  throw new Error(`unsupported: ${sql.slice(arg?.start, arg?.end)}`);
}

/** As ParseShardingSpec and its caller have it (go/vt/key/key.go). */
function keyRange(arg: Expr | undefined, sql: string): KeyRange {
  const spec = textArgument(arg, sql);
  const bounds = spec === "0" ? ["", ""] : spec.split("-");
  const [start = "", end = ""] = bounds;
  const quoted = JSON.stringify(spec);
  if (bounds.length === 1) throw new Error(`malformed spec: doesn't define a range: ${quoted}`);
  if (bounds.length > 2) throw new Error(`unexpected in_keyrange parameter: ${sql.slice(arg?.start, arg?.end)}`);
  if (end !== "" && end <= start) throw new Error(`malformed spec: shard limits should be in order: ${quoted}`);
  return { start: hexBytes(start), end: hexBytes(end) };
}

/** As Go's encoding/hex. */
function hexBytes(text: string): Buffer {
  const wrong = /[^0-9a-fA-F]/.exec(text)?.[0];
  if (wrong !== undefined) {
    const code = (wrong.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    throw new Error(`encoding/hex: invalid byte: U+${code} '${wrong}'`);
  }
  if (text.length % 2 !== 0) throw new Error("encoding/hex: odd length hex string");
  return Buffer.from(text, "hex");
}

/** Of the tablet's own cell; undefined where there is none (vstreamer/engine.go, setWatch). */
async function readSrvVSchema(state: TabletState) {
  const cell = await state.topo.cell(state.identity.cell);
  try {
    return await cell.get("vschema.SrvVSchema", "SrvVSchema");
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}
