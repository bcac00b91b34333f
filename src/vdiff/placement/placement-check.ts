import type { EncodedRow } from "../../wire/encoded-row.js";
import type { Field__Output as Field } from "../../wire/generated/query/Field.js";
import { keyRangeContains, parseKeyRange } from "../../wire/key-range.js";
import { keepRow, type Row } from "../compare/row-shape.js";
import { isUtf8mb3 } from "../plan/charset-check.js";
import { SAMPLES } from "../report.js";
import { type PlacementRule, shardOf } from "./placements.js";

/** A row of the target on another shard than that of its keyspace id. */
export interface MisplacedRow {
  row: Row;
  foundOn: string;
  /** undefined: on none, the vindex has no keyspace id for it. */
  belongsOn: string | undefined;
}

/**
 * Looks at rows of one table as they come from the target's shards.
 *
 * What it finds is not read a second time, as other differences are: whether a row belongs where it lies is told by the
 * row's own values, which come from one snapshot. No moment of a stream shows it elsewhere: a change of the vindex's columns
 * leaves one shard as a delete and arrives on the other as an insert.
 */
export class PlacementCheck {
  /** That were looked at, and could be told from. */
  rows = 0;
  misplaced = 0;
  /** SAMPLES at most. */
  readonly samples: MisplacedRow[] = [];

  constructor(readonly rule: PlacementRule) {}

  /** A function that takes the packets of one shard. */
  on(shard: string, fields: readonly Field[]): (packet: readonly EncodedRow[]) => void {
    const { columns, idsOf, shards } = this.rule;
    const range = parseKeyRange(shard);
    const types = columns.map((i) => String(fields[i]?.type ?? ""));
    const garbled = columns.filter((i) => fields[i] !== undefined && isUtf8mb3(fields[i]));
    return (packet) => {
      const rows =
        garbled.length === 0 ? packet : packet.filter((row) => !garbled.some((i) => hasQuestionMark(row, i)));
      const ids = idsOf(
        rows.map((row) => columns.map((i) => row.value(i))),
        types,
      );
      this.rows += rows.length;
      for (const [i, id] of ids.entries()) {
        if (id !== null && keyRangeContains(range, id)) continue;
        const row = rows[i];
        if (row !== undefined) this.found(row, shard, id === null ? undefined : shardOf(id, shards));
      }
    };
  }

  private found(row: EncodedRow, foundOn: string, belongsOn: string | undefined): void {
    this.misplaced++;
    if (this.samples.length < SAMPLES) this.samples.push({ row: keepRow(row), foundOn, belongsOn });
  }
}

/** Which may stand for a character of four bytes, and then nothing is known of the value's id. */
function hasQuestionMark(row: EncodedRow, column: number): boolean {
  return row.value(column)?.includes(0x3f) ?? false;
}
