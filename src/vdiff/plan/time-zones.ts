import { forEachAtOnce } from "../../concurrency.js";
import { PreflightError } from "../../errors.js";
import type { CallOptions, Tablet } from "../../tablet/port.js";
import type { BinlogSource } from "../../wire/binlog-source.js";
import { sqlString } from "../../wire/sql.js";
import type { Canonical } from "../compare/row-shape.js";

const VALUES_AT_ONCE = 200;

/**
 * The time zones between which streams convert the DATETIME columns of the source
 * (go/vt/vttablet/tabletmanager/vreplication/table_plan_builder.go, v14 and later). As in Vitess's VDiff
 * (go/vt/wrangler/vdiff.go, adjustForSourceTimeZone) the target's queries convert back, so that both sides show the
 * source's times.
 *
 * Not every time survives the way there and back: an hour that a clock skips arrives as the moment at which it does, and
 * next to the ends of what MySQL converts (1970 and 2038, or 3001 from 8.0.28 on) times are converted in one direction
 * only. The target's own MySQL is asked for these what becomes of them, so that what a stream has stored correctly
 * is no difference. Two things can't be told apart: times within a skipped hour, and on the target the two moments
 * of an hour that a clock shows twice.
 */
export class TimeZones {
  /** What comes back for times of the source, where it is something else. */
  readonly #returns = new Map<string, Buffer>();

  constructor(
    readonly source: string,
    readonly target: string,
  ) {}

  /** Of streams that are all alike; undefined when they convert nothing. */
  static of({ sourceTimeZone, targetTimeZone }: BinlogSource): TimeZones | undefined {
    return sourceTimeZone === "" || targetTimeZone === "" ? undefined : new TimeZones(sourceTimeZone, targetTimeZone);
  }

  /** SQL for a time of the target in the source's zone. */
  back(term: string): string {
    return `convert_tz(${term}, ${sqlString(this.target)}, ${sqlString(this.source)})`;
  }

  /** What a time of the source looks like once it was on the target, as far as `learn` was told of it. */
  readonly canonical: Canonical = (value) => this.#returns.get(value.toString("latin1")) ?? value;

  /**
   * Asks a target tablet what becomes of these values; whether `canonical` knows more afterwards. Those that don't convert,
   * like zero dates, stay differences.
   */
  async learn(tablet: Tablet, values: readonly string[], options: CallOptions): Promise<boolean> {
    const before = this.#returns.size;
    const [there, here] = [sqlString(this.target), sqlString(this.source)];
    for (let from = 0; from < values.length; from += VALUES_AT_ONCE) {
      const asked = values.slice(from, from + VALUES_AT_ONCE);
      const terms = asked.map((value) => this.back(`convert_tz(${sqlString(value)}, ${here}, ${there})`));
      const { rows } = await tablet.executeFetchAsApp(`select ${terms.join(", ")}`, { ...options, maxRows: 1 });
      for (const [i, value] of asked.entries()) {
        const returned = rows[0]?.[i];
        if (returned != null && returned.toString("latin1") !== value) this.#returns.set(value, returned);
      }
    }
    return this.#returns.size > before;
  }

  /** PreflightError that lists the tablets whose MySQL doesn't know the zones: every time would read as NULL. */
  async requireKnown(tablets: Iterable<Tablet>, options: CallOptions): Promise<void> {
    const query = `select ${this.back("'2006-01-02 15:04:05'")}`;
    const asked = await forEachAtOnce(tablets, async (tablet) => {
      const { rows } = await tablet.executeFetchAsApp(query, { ...options, maxRows: 1 });
      return rows[0]?.[0] == null ? [tablet.record.alias] : [];
    });
    const unable = asked.flat();
    if (unable.length === 0) return;
    throw new PreflightError(
      `unable to perform time_zone conversions from ${this.target} to ${this.source} on ${unable.join(", ")}`,
      { hint: "The time zone tables aren't loaded there: mysql_tzinfo_to_sql loads them." },
    );
  }
}
