import { forEachAtOnce } from "../../concurrency.js";
import { VtmigrateError } from "../../errors.js";
import type { Facts } from "./facts.js";

/** How the MySQL server of a tablet writes its binary log. */
export interface BinlogSettings {
  alias: string;
  side: "source" | "target";
  /** "ROW", "STATEMENT", "MIXED"; undefined where it can't be read. */
  format: string | undefined;
  /** "FULL", "NOBLOB", "MINIMAL", on MariaDB also "FULL_NODUP"; undefined where it can't be read. */
  rowImage: string | undefined;
}

const QUERY = "select @@global.binlog_format, @@global.binlog_row_image";

/**
 * Of every source tablet that answers, and of the target's primaries. A server without such variables, or a tablet that
 * lets nobody ask, is no error.
 */
export async function readBinlogSettings(facts: Facts): Promise<BinlogSettings[]> {
  const { signal } = facts;
  const [answers, targets] = await facts.all("sourceAnswers", "targets");
  const answering = answers.filter(({ error }) => error === undefined);
  const asked = [
    ...answering.map(({ tablet }) => ({ side: "source" as const, tablet })),
    ...targets.map(({ primary }) => ({ side: "target" as const, tablet: primary })),
  ];
  return forEachAtOnce(asked, async ({ side, tablet }) => {
    const { alias } = tablet.record;
    try {
      const { rows } = await tablet.executeFetchAsApp(QUERY, { maxRows: 1, timeoutMs: 5_000, signal });
      const [format, rowImage] = (rows[0] ?? []).map((value) => value?.toString().toUpperCase());
      return { alias, side, format, rowImage };
    } catch (error) {
      if (signal.aborted || !(error instanceof VtmigrateError)) throw error;
      facts.ctx.log.info({ err: error, tablet: alias }, "binlog settings not readable");
      return { alias, side, format: undefined, rowImage: undefined };
    }
  });
}
