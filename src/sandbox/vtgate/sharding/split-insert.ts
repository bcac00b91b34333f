import type { Expr, Insert } from "../../mysql/parse/ast.js";
import { Cursor } from "../../mysql/parse/cursor.js";
import type { Token } from "../../mysql/parse/tokens.js";
import { SqlError, unsupported } from "../errors.js";
import { type Literal, literalOf } from "./literal.js";
import { destinationOf, type ShardedTable, shardsOf } from "./placement.js";

/**
 * An INSERT of rows as one statement for each shard that gets some of them, by the primary vindex
 * (go/vt/vtgate/engine/insert.go). `sql` is the text that `insert` was read from. Throws SqlError.
 */
export function splitInsert(
  sql: string,
  insert: Insert,
  table: ShardedTable,
  shards: readonly string[],
): Map<string, string> {
  if ("query" in insert.source) throw unsupported("INSERT ... SELECT into a sharded keyspace");
  const { columns } = insert;
  if (columns === undefined) {
    const text = "INSERT should contain column list or the table should have authoritative columns in vschema";
    throw new SqlError(1105, "HY000", `VT09004: ${text}`);
  }
  const changed = insert.onDuplicate.map(({ column }) => column.name.toLowerCase());
  if (table.columns.some((column) => changed.includes(column.toLowerCase()))) {
    throw unsupported("DML cannot update vindex column");
  }
  const names = columns.map((column) => column.toLowerCase());
  const shardOf = insert.source.rows.map((row) => {
    if (row.length !== columns.length) {
      throw new SqlError(1136, "21S01", "VT03006: column count does not match value count with the row");
    }
    return shardOfRow(row, names, table, shards);
  });
  const [first, ...others] = shardOf;
  if (first !== undefined && others.every((shard) => shard === first)) return new Map([[first, sql]]);
  return byShard(sql, shardOf);
}

function shardOfRow(row: Expr[], names: string[], table: ShardedTable, shards: readonly string[]): string {
  const { sequenceColumn } = table;
  if (sequenceColumn !== undefined && literalAt(row, names, sequenceColumn)?.value == null) {
    throw unsupported(`ids from a sequence; give ${sequenceColumn} a value`);
  }
  const values = table.columns.map((column) => {
    const literal = literalAt(row, names, column);
    if (literal !== undefined) return literal;
    const text = `INSERT query does not have primary vindex column '${column}' in the column list`;
    throw new SqlError(1105, "HY000", `VT09003: ${text}`);
  });
  const destination = destinationOf(table, values);
  const [shard] = destination.kind === "id" ? shardsOf(destination, shards) : [];
  if (shard !== undefined) return shard;
  throw new SqlError(1105, "HY000", `VT09023: could not map [${values.map(shown).join(" ")}] to a keyspace id`);
}

/** As Go prints a sqltypes.Value. */
function shown({ value, type }: Literal): string {
  if (value === null) return "NULL";
  const text = value.toString("utf8");
  return `${type}(${type.startsWith("VAR") ? JSON.stringify(text) : text})`;
}

/** Undefined when the INSERT doesn't name the column. */
function literalAt(row: Expr[], names: string[], column: string): Literal | undefined {
  const expr = row[names.indexOf(column.toLowerCase())];
  if (expr === undefined) return undefined;
  const literal = literalOf(expr);
  if (literal === undefined) throw unsupported(`an expression as the value of column ${column}`);
  return literal;
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
