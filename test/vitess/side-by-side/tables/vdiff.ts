/** VDiff as it was before v16, which vtctlclient calls --v1: it compares at once, and prints a report. */
import type { Case, Difference, Given, Table } from "../case.js";
import { sharded, sql, typed, unmounted } from "../given.js";
import { otherWords, refusedByUs } from "../reasons.js";

const made = typed("Migrate --cells zx --source ext1.commerce --all Create commerce.wf");
const stopped = typed("Workflow commerce.wf stop");
const planted = sql(
  "update items set v = v + 1 where id in (3, 5)",
  "update items set name = 'a<b>& 100% ü' where id = 9",
  "update items set name = null where id = 10",
  "delete from items where id = 7",
  "insert into other values (1000, 5)",
);

/** `--v1` is what vtctlclient needs since v16; vtmigrate takes it, too. */
function diff(options: string, more: Partial<Case> & { given?: Given[] } = {}): Case {
  const line = `VDiff --v1 ${options} commerce.wf`;
  return { line, given: [made], ...more };
}

const cells = "--source_cell zx --target_cell zone1";
const lines: Difference = { in: ["stdout"], because: "The text has lines that vtctlclient's hasn't" };

const found: Difference = { in: ["exit"], because: "**Exit code 3 when rows differ**" };
const noTime: Difference = { in: ["stdout"], because: "No `VDiff took` line after an error." };
const usage = otherWords("Usage texts are vtmigrate's own");
const absent = otherWords("So are the words for a workflow or keyspace that isn't there");
const goTexts = otherWords("Error texts don't carry what Go prints by the way");
const unknownFormat: Difference = { in: ["exit", "stdout", "error"], because: "An unknown `-format` is refused" };
const refusedStopped = refusedByUs("A workflow that is still copying, stopped, frozen or in error is refused", [
  "vreplication.state",
]);

const cases: Case[] = [
  { line: "VDiff --v1" },
  { line: "VDiff --v1 commerce" },
  { line: "VDiff --v1 a.b.c" },
  { line: "VDiff --v1 commerce.wf", differs: [noTime] },
  { line: "VDiff --v1 nope.wf", differs: [noTime, absent] },
  { line: "VDiff --v1 commerce.wf more", differs: [usage] },
  { line: "VDiff --v1 --limit 0 commerce.wf" },
  { line: "VDiff --v1 --limit -1 commerce.wf" },
  { line: "VDiff --v1 --limit x commerce.wf" },
  { line: "VDiff --v1 --nope commerce.wf" },

  diff(cells, { differs: [lines] }),
  diff("--tablet_types PRIMARY", { differs: [lines] }),
  diff(`${cells} --tablet_types PRIMARY`, { differs: [lines] }),
  diff(`${cells} --format json`),
  diff(`${cells} --format nonsense`, { differs: [unknownFormat] }),
  diff(`${cells} --tables items`, { differs: [lines] }),
  diff(`${cells} --tables other,items`, { differs: [lines] }),
  diff(`${cells} --tables nope`, { differs: [noTime, goTexts] }),
  diff(`${cells} --tables items,nope`, { differs: [noTime, goTexts] }),
  diff(`${cells} --limit 10`, { differs: [lines] }),
  diff(`${cells} --only_pks`, { differs: [lines] }),
  diff(`${cells} --debug_query`, { differs: [lines] }),
  diff(`${cells} --max_extra_rows_to_compare 1 --filtered_replication_wait_time 10s`, { differs: [lines] }),
  diff(cells, { name: "VDiff when stopped", given: [made, stopped], differs: [refusedStopped] }),
  diff(cells, { name: "VDiff, unmounted", given: [made, unmounted], differs: [noTime] }),
  { name: "VDiff in shards", line: `VDiff --v1 ${cells} shop.wf`, given: sharded, differs: [lines] },
  { name: "VDiff in shards, as JSON", line: `VDiff --v1 --format json ${cells} shop.wf`, given: sharded },

  diff(cells, { name: "VDiff with differences", given: [made, planted], differs: [lines, found] }),
  diff(`${cells} --format json`, { name: "VDiff with differences, as JSON", given: [made, planted], differs: [found] }),
  diff(`${cells} --debug_query --format json`, {
    name: "VDiff with differences, with queries",
    given: [made, planted],
    differs: [found],
  }),
  diff(`${cells} --only_pks --format json`, {
    name: "VDiff with differences, keys only",
    given: [made, planted],
    differs: [found],
  }),
];

export const vdiffTable: Table = { name: "VDiff", cases };
