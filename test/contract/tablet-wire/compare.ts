/** What of a recorded answer the sandbox's tablet must give, too. */
import { expect } from "vitest";
import type { Answer } from "./exchange.js";
import { type NormaliseOptions, normalise } from "./normalise.js";
import type { Recorded } from "./recordings.js";
import type { WireRecord } from "./records.js";

/** Records that can't be compared where the real tablet's server was MariaDB, with the reason. */
const excludedOverMariaDb: Record<string, string> = {
  get_schema_source_all: "the schema's text is MariaDB's",
  get_schema_target_one: "the schema's text is MariaDB's",
  wait_for_pos_past: "the position is MariaDB's, and the sandbox's positions are MySQL's",
  exec_fetch_as_dba_counts: "MariaDB names the columns of information_schema as the query spells them",
};

/** What of single records is left out. */
const exceptions: Record<string, Partial<NormaliseOptions>> = {
  // Numbers of the log's rows; and all rows but the first: real tablets dropped secondary keys and ran VDiffs.
  vrexec_log: { rows: 1, hidden: [0] },
  // The target's statistics were older than its rows.
  get_schema_target_one: { estimates: true },
  // TABLE_ROWS is an estimate; MySQL 9.7 and the sandbox describe a view of information_schema differently.
  exec_fetch_as_dba_counts: { strict: false, hidden: [1] },
  // The real servers had no time zones loaded and answered NULL.
  exec_fetch_as_app: { hidden: [0] },
  // MySQL 9.7 knows that IF(..., 1, 0) can't be NULL.
  vdiff_show_last: { loose: ["has_mismatch"] },
};

export function isComparable({ name }: WireRecord, { version, server }: Recorded): boolean {
  // Recorded in the middle of a copy: the table was empty.
  if (name === "vstream_results_product_target" && version.startsWith("14.")) return false;
  return server === "mysql" || excludedOverMariaDb[name] === undefined;
}

/** Fails unless `answer` is what was recorded. */
export function expectSame(answer: Answer, record: WireRecord, { server }: Recorded): void {
  if (record.name === "unknown_method") {
    // A method that no version has ever had: grpc-js answers before the tablet sees it, in words of its own.
    expect(answer.error?.code).toBe(record.error?.code);
    return;
  }
  const options = { strict: server === "mysql", ...exceptions[record.name] };
  const real = normalise(record.method, beginning(record.method, record), options);
  const ours = normalise(record.method, beginning(record.method, answer), options);
  expect(ours).toEqual(real);
}

/** Health streams have no end: the first answer counts. */
function beginning(method: string, { responses, error }: Answer): Answer {
  return method.endsWith("/StreamHealth") ? { responses: responses.slice(0, 1), error: null } : { responses, error };
}
