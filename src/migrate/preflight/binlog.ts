import { PreflightError } from "../../errors.js";
import type { BinlogSettings } from "./binlog-settings.js";
import type { Check, Outcome } from "./check.js";

type Verdict = "good" | "doubtful" | "bad";

/** One server's value; undefined where it can't be read. */
interface Value {
  alias: string;
  value: string | undefined;
  verdict: Verdict;
}

/** Changes are read as rows; a statement ends a stream (go/vt/vttablet/tabletserver/vstreamer/vstreamer.go). */
export const binlogFormat: Check = {
  name: "binlog_format",
  needs: ["source_tablets", "target_keyspace"],
  async run(facts) {
    const sources = (await facts.get("binlogSettings")).filter(({ side }) => side === "source");
    const values = sources.map(({ alias, format: value }) => ({ alias, value, verdict: verdictOf(value === "ROW") }));
    return judge("binlog_format", "ROW", values);
  },
};

/** Updates and deletes need the row as it was, the source's as well as the target's. */
export const binlogRowImage: Check = {
  name: "binlog_row_image",
  needs: ["source_tablets", "target_keyspace"],
  async run(facts) {
    const values = (await facts.get("binlogSettings")).map((settings) => {
      const { alias, rowImage: value } = settings;
      return { alias, value, verdict: verdictOnImage(settings) };
    });
    return judge("binlog_row_image", "FULL", values);
  },
};

/**
 * NOBLOB is followed from v16 on unless the tablets' flags forbid it (vstreamer/vstreamer.go); a target of that kind is
 * refused a stream of type Migrate (tabletmanager/vreplication/vreplicator.go, validateBinlogRowImage, v18), and MINIMAL
 * on either side by both.
 */
function verdictOnImage({ rowImage = "", side }: BinlogSettings): Verdict {
  if (rowImage === "NOBLOB" && side === "source") return "doubtful";
  return verdictOf(rowImage.startsWith("FULL"));
}

function verdictOf(isGood: boolean): Verdict {
  return isGood ? "good" : "bad";
}

function judge(variable: string, wanted: string, values: Value[]): Outcome {
  const readable = values.filter(({ value }) => value !== undefined);
  const unreadable = values.filter(({ value }) => value === undefined).map(({ alias }) => alias);
  const notes = unreadable.length > 0 ? [`${variable} is not readable on ${unreadable.join(", ")}.`] : [];
  const told = (verdict: Verdict) =>
    readable.filter((each) => each.verdict === verdict).map(({ alias, value }) => `${value} on ${alias}`);
  const remedy = `Set ${variable} to ${wanted} on these MySQL servers, and let the application connect anew: it counts for new connections.`;
  const bad = told("bad");
  if (bad.length > 0) {
    const message = `${variable} is ${bad.join(", ")}, and streams need ${wanted}`;
    return { error: new PreflightError(message, { hint: `${remedy} Or -skip_checks ${variable}.` }), tried: [] };
  }
  const doubtful = told("doubtful");
  if (doubtful.length > 0) {
    return {
      result: "warning",
      message: `${variable} is ${doubtful.join(", ")}: see docs/preflight.md`,
      remedy,
      notes,
    };
  }
  if (readable.length === 0) return { message: "not readable, and so not judged", notes };
  return { message: `${[...new Set(readable.map(({ value }) => value))].join(", ")} on each that was asked`, notes };
}
