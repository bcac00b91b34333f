import type { Value } from "../../../wire/result.js";
import type { Insert } from "../../mysql/parse/ast.js";
import { Cursor } from "../../mysql/parse/cursor.js";
import type { Token } from "../../mysql/parse/tokens.js";
import { SqlError, unsupported } from "../errors.js";
import { literalValue } from "./literal.js";
import { type Placement, shardOfRow } from "./placement.js";

type Sharded = Extract<Placement, { kind: "sharded" }>;

/**
 * An INSERT or REPLACE of rows as one statement for each shard that gets some of them, by the primary
 * vindex (go/vt/vtgate/engine/insert.go). `sql` is the text that `insert` was read from. Throws SqlError.
 */
export function splitInsert(
  sql: string,
  insert: Insert,
  placement: Sharded,
  shards: readonly string[],
): Map<string, string> {
  if ("query" in insert.source) throw unsupported("INSERT ... SELECT into a sharded keyspace");
  if (insert.columns === undefined) {
    const text = "INSERT should contain column list or the table should have authoritative columns in vschema";
    throw new SqlError(1105, "HY000", `VT09004: ${text}`);
  }
  const at = vindexPositions(insert.columns, placement);
  const rows = insert.source.rows.map((row) => {
    if (row.length !== insert.columns?.length) {
      throw new SqlError(1136, "21S01", "VT03006: column count does not match value count with the row");
    }
    const values = at.map((i) => vindexValue(row[i], placement.columns[at.indexOf(i)] ?? ""));
    const shard = shardOfRow(placement, values, shards);
    if (shard === undefined) throw notMapped(values);
    return shard;
  });
  const wanted = new Set(rows);
  const [only] = wanted;
  if (only !== undefined && wanted.size === 1) return new Map([[only, sql]]);
  return byShard(sql, rows);
}

function vindexPositions(columns: readonly string[], placement: Sharded): number[] {
  const names = columns.map((column) => column.toLowerCase());
  return placement.columns.map((column) => {
    const at = names.indexOf(column.toLowerCase());
    if (at >= 0) return at;
    const text = `INSERT query does not have primary vindex column '${column}' in the column list`;
    throw new SqlError(1105, "HY000", `VT09003: ${text}`);
  });
}

function vindexValue(expr: Parameters<typeof literalValue>[0] | undefined, column: string): Value {
  const value = expr === undefined ? undefined : literalValue(expr);
  if (value === undefined) throw unsupported(`an expression as the value of vindex column ${column}`);
  return value;
}

function notMapped(values: readonly Value[]): SqlError {
  const shown = values.map((value) => (value === null ? "NULL" : JSON.stringify(value.toString("utf8"))));
  return new SqlError(1105, "HY000", `VT09023: could not map [${shown.join(" ")}] to a keyspace id`);
}

/** The text in front of the rows, each shard's rows, and the text behind them. */
function byShard(sql: string, shardOf: readonly string[]): Map<string, string> {
  const tuples = rowTuples(new Cursor(sql).tokens);
  const head = sql.slice(0, tuples[0]?.start);
  const tail = sql.slice(tuples.at(-1)?.end);
  const texts = new Map<string, string[]>();
  for (const [i, { start, end }] of tuples.entries()) {
    const shard = shardOf[i] ?? "";
    const text = sql.slice(start, end);
    texts.get(shard)?.push(text) ?? texts.set(shard, [text]);
  }
  return new Map([...texts].map(([shard, rows]) => [shard, head + rows.join(", ") + tail]));
}

/** Each "(...)" behind the word VALUES, up to what isn't one. */
function rowTuples(tokens: readonly Token[]): { start: number; end: number }[] {
  const tuples: { start: number; end: number }[] = [];
  const values = tokens.findIndex(({ kind, text }) => kind === "word" && (text === "VALUES" || text === "VALUE"));
  let depth = 0;
  let start = 0;
  for (const token of tokens.slice(values + 1)) {
    const symbol = token.kind === "symbol" ? token.text : "";
    if (symbol === "(" && depth++ === 0) start = token.start;
    else if (symbol === ")" && --depth === 0) tuples.push({ start, end: token.end });
    else if (depth === 0 && symbol !== "," && symbol !== "(" && token.text !== "ROW") break;
  }
  return tuples;
}
