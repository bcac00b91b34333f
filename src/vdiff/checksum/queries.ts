import { FailedError } from "../../errors.js";
import type { ResultSet } from "../../wire/result.js";
import { quoteIdentifier } from "../../wire/sql.js";
import { type TablePlan, whereClause } from "../plan/plan.js";
import type { Side } from "../run-context.js";
import { type Bound, boundOf, type RangeColumn, type Span, spanCondition } from "./range-key.js";
import { hasAllDigests, rowDigest } from "./row-digest.js";

/**
 * Number and digests of some rows. Both can be added up over shards: equal sums on both sides mean equal rows, whatever
 * shards they lie on and however often they come, but for one chance in 2^64.
 */
export interface Checksum {
  rows: number;
  /** undefined: there is a row that the server couldn't compute a digest of. */
  digests: bigint | undefined;
}

const NOTHING: Checksum = { rows: 0, digests: 0n };

/** The statements about one table on one side. ExecuteFetchAsApp selects no database, so the table's name is qualified. */
export class TableQueries {
  readonly #key: readonly RangeColumn[];
  readonly #digest: string;
  readonly #where: string;

  constructor(
    private readonly plan: TablePlan,
    private readonly side: Side,
    key: readonly RangeColumn[],
  ) {
    this.#key = key;
    this.#digest = rowDigest(plan.columns, side);
    this.#where = (side === "source" ? plan.sourceQuery : plan.targetQuery).where;
  }

  /** A row for each of the spans that `parts` cut the span into, with its number; none for those without rows. */
  checksums(dbName: string, span: Span, parts: readonly Span[]): string {
    const select = (part: string) =>
      `select ${part}, count(*), coalesce(sum(${this.#digest}), 0)${this.#from(dbName, span)}`;
    if (parts.length === 1) return select("0");
    const ends = parts.slice(0, -1).map(({ upTo }) => spanCondition(this.#key, { after: undefined, upTo }));
    const cases = ends.map((condition, i) => `when ${condition} then ${i}`);
    return `${select(`case ${cases.join(" ")} else ${cases.length} end`)} group by 1`;
  }

  /** The key of the `rows`-th row of a span. */
  bound(dbName: string, span: Span, rows: number): string {
    const shown = this.#key.map((column) => column.shown).join(", ");
    const order = this.#key.map((column) => column.label).join(", ");
    return `select ${shown}${this.#from(dbName, span)} order by ${order} limit 1 offset ${rows - 1}`;
  }

  #from(dbName: string, span: Span): string {
    const table = this.side === "source" ? this.plan.sourceTable : this.plan.table;
    const where = whereClause(this.#where, spanCondition(this.#key, span));
    return ` from ${quoteIdentifier(dbName)}.${quoteIdentifier(table)}${where}`;
  }

  readBound({ rows: [row] }: ResultSet): Bound | undefined {
    return row === undefined ? undefined : boundOf(this.#key, row);
  }
}

/** One for each of `parts`. FailedError for an answer that isn't one. */
export function readChecksums({ rows: answered }: ResultSet, parts: number): Checksum[] {
  const checksums = Array.from({ length: parts }, () => NOTHING);
  for (const row of answered) {
    const [part = "", rows = "", sum = ""] = row.map((value) => value?.toString("latin1"));
    if (!/^\d+$/.test(part) || !(Number(part) < parts) || !/^\d+$/.test(rows) || !/^\d+(\.0*)?$/.test(sum)) {
      throw new FailedError(`a checksum was answered with "${part}", "${rows}" and "${sum}"`);
    }
    const digests = BigInt(sum.replace(/\..*/, ""));
    checksums[Number(part)] = { rows: Number(rows), digests: hasAllDigests(digests) ? digests : undefined };
  }
  return checksums;
}

export function addUp(checksums: readonly Checksum[]): Checksum {
  return checksums.reduce(
    (sum, { rows, digests }) => ({
      rows: sum.rows + rows,
      digests: sum.digests === undefined || digests === undefined ? undefined : sum.digests + digests,
    }),
    NOTHING,
  );
}

export function isEqual(a: Checksum, b: Checksum): boolean {
  return a.rows === b.rows && a.digests !== undefined && a.digests === b.digests;
}
