/** The tablets' own VDiff, with all its actions. */
import type { Case, Difference, Given, Table } from "../case.js";
import { sharded, sql, typed, unmounted } from "../given.js";
import { otherWords, refusedByUs } from "../reasons.js";

const one = "11111111-2222-3333-4444-555555555555";
const two = "22222222-2222-3333-4444-555555555555";
const cells = "--source_cell zx --target_cell zone1";

const made = typed("Migrate --cells zx --source ext1.commerce --all Create commerce.wf");
const stopped = typed("Workflow commerce.wf stop");
const planted = sql(
  "update items set v = v + 1 where id in (3, 5)",
  "update items set name = 'a<b>& 100 ü' where id = 9",
  "update items set name = null where id = 10",
);
const rowLost = sql("delete from items where id = 7");
const compared = (uuid = one, options = "") =>
  typed(`VDiff ${cells} --auto-retry=false ${options} commerce.wf create ${uuid}`);
const shopCompared = typed(`VDiff ${cells} shop.wf create ${one}`);

const usage = otherWords("Usage texts are vtmigrate's own");
const absent = otherWords("So are the words for a workflow or keyspace that isn't there");
const tabletsWords = otherWords("What a tablet says is printed once");
const last = otherWords("`stop`, `resume` and `delete` take `last` too.");
const nothing: Difference = { in: ["exit"], because: "6 for `show last` without any" };
const differences: Difference = { in: ["exit"], because: "3 for differences" };
const stopsNothing: Difference = {
  in: ["exit", "stdout", "error"],
  because: "A UUID that no shard has is not found (exit code 6), for `stop` too.",
};
const unknownFormat: Difference = { ...stopsNothing, because: "An unknown `-format` is refused" };
const types: Difference = { in: ["vdiff.options"], because: "Without `-tablet_types` the list is PRIMARY" };
const sourceCells: Difference = { in: ["vdiff.options"], because: "**Source cells** are all of the mounted cluster's" };
const cut: Difference = { in: ["vdiff.options"], since: 21, because: "**Long values in samples are cut**" };
const refusedTables = refusedByUs("Tables that the workflow hasn't are refused", ["vdiff."]);
const refusedStopped = refusedByUs("**Checked before create and resume**", [
  "vdiff.",
  "vdiff_table.",
  "vreplication.state",
]);

/** Words behind VDiff, in a state. */
function vdiff(words: string, given: Given[] = [made], differs: Difference[] = []): Case {
  const after = given.slice(1).map(({ name }) => name);
  return { name: [`VDiff ${words}`, ...after].join(" | after "), line: `VDiff ${words}`, given, differs };
}

const cases: Case[] = [
  vdiff("", [], [usage]),
  vdiff("commerce", []),
  vdiff("commerce create", []),
  vdiff("commerce.wf create", [], [absent]),
  vdiff("commerce.wf show all", [], [absent]),
  vdiff("nope.wf create", [], [absent]),
  vdiff("nope.wf show all", [], [absent]),
  vdiff("commerce.wf frobnicate"),
  vdiff("commerce.wf create nonsense"),
  vdiff("commerce.wf create last"),
  vdiff("commerce.wf show"),
  vdiff("commerce.wf show nonsense"),
  vdiff("commerce.wf stop"),
  vdiff("commerce.wf stop all"),
  vdiff("commerce.wf stop last", [made], [last]),
  vdiff("commerce.wf resume"),
  vdiff("commerce.wf resume all"),
  vdiff("commerce.wf delete"),
  vdiff("commerce.wf delete last", [made], [last]),
  vdiff(`commerce.wf create ${one} more`),
  vdiff("--limit 0 commerce.wf create"),
  vdiff("--limit -5 commerce.wf create"),
  vdiff("--nope commerce.wf create"),
  vdiff("--filtered_replication_wait_time 5 commerce.wf create"),
  vdiff("--max_extra_rows_to_compare x commerce.wf create"),
  vdiff("commerce.wf show all"),
  vdiff("--format json commerce.wf show all"),
  vdiff("commerce.wf show last", [made], [nothing]),
  vdiff("--format json commerce.wf show last", [made], [nothing]),
  vdiff(`commerce.wf show ${one}`, [made], [tabletsWords]),
  vdiff(`commerce.wf stop ${one}`, [made], [stopsNothing]),
  vdiff(`commerce.wf resume ${one}`, [made], [tabletsWords]),
  vdiff(`commerce.wf delete ${one}`, [made], [tabletsWords]),
  vdiff("commerce.wf delete all"),
  vdiff("--format json commerce.wf delete all"),

  vdiff(`${cells} commerce.wf create ${one}`, [made], [types]),
  vdiff(`${cells} commerce.wf CREATE ${one}`, [made], [types]),
  vdiff(`${cells} commerce.wf create`, [made], [types]),
  vdiff(`${cells} --format json commerce.wf create ${one}`, [made], [types]),
  vdiff(`${cells} --tables items commerce.wf create ${one}`, [made], [types]),
  vdiff(`${cells} --tables nope commerce.wf create ${one}`, [made], [refusedTables]),
  vdiff(`${cells} --tablet_types PRIMARY commerce.wf create ${one}`, [made], [cut]),
  vdiff(`${cells} --tablet_types in_order:REPLICA,PRIMARY commerce.wf create ${one}`, [made], [cut]),
  vdiff(`--tablet_types PRIMARY commerce.wf create ${one}`, [made], [sourceCells]),
  vdiff(
    `${cells} --limit 10 --only_pks --debug_query --max_extra_rows_to_compare 5 --filtered_replication_wait_time 20s ` +
      `--auto-retry=false --update-table-stats --tablet_types PRIMARY commerce.wf create ${one}`,
    [made],
    [cut],
  ),
  vdiff(`${cells} --checksum --sample_pct 50 commerce.wf create ${one}`, [made], [types]),
  vdiff(`${cells} --wait --wait-update-interval 1s commerce.wf create ${one}`, [made], [types]),
  vdiff(`${cells} --wait --wait-update-interval 1s --format json commerce.wf create ${one}`, [made], [types]),
  vdiff(`${cells} commerce.wf create ${one}`, [made, stopped], [refusedStopped]),
  vdiff(`${cells} commerce.wf create ${one}`, [made, compared()], [tabletsWords]),
  vdiff(`${cells} commerce.wf create ${one}`, [made, unmounted]),
  vdiff(`${cells} shop.wf create ${one}`, sharded, [types]),

  vdiff(`commerce.wf show ${one}`, [made, compared()]),
  vdiff("commerce.wf show last", [made, compared()]),
  vdiff("commerce.wf Show Last", [made, compared()]),
  vdiff("--verbose commerce.wf show last", [made, compared()]),
  vdiff("--format json commerce.wf show last", [made, compared()]),
  vdiff("--verbose --format JSON commerce.wf show last", [made, compared()]),
  vdiff("--format nonsense commerce.wf show last", [made, compared()], [unknownFormat]),
  vdiff("commerce.wf show all", [made, compared(), compared(two)]),
  vdiff("--format json commerce.wf show all", [made, compared(), compared(two)]),
  vdiff("commerce.wf show last", [made, planted, compared()], [differences]),
  vdiff("--format json commerce.wf show last", [made, planted, compared()], [differences]),
  vdiff("--format json commerce.wf show last", [made, planted, compared(one, "--debug_query")], [differences]),
  vdiff("--format json commerce.wf show last", [made, planted, compared(one, "--only_pks")], [differences]),
  vdiff("commerce.wf show last", [made, rowLost, compared()], [differences]),
  vdiff("shop.wf show all", [...sharded, shopCompared]),
  vdiff("--verbose --format json shop.wf show last", [...sharded, shopCompared]),

  vdiff(`commerce.wf stop ${one}`, [made, compared()]),
  vdiff(`--format json commerce.wf stop ${one}`, [made, compared()]),
  vdiff(`commerce.wf resume ${one}`, [made, compared()]),
  vdiff(`--format json commerce.wf resume ${one}`, [made, compared()]),
  vdiff(`--wait --wait-update-interval 1s commerce.wf resume ${one}`, [made, compared()]),
  vdiff(`commerce.wf delete ${one}`, [made, compared()]),
  vdiff(`--format json commerce.wf delete ${one}`, [made, compared()]),
  vdiff("commerce.wf delete all", [made, compared(), compared(two)]),
  vdiff("--format json commerce.wf delete all", [made, compared(), compared(two)]),
];

export const tabletVdiffTable: Table = { name: "VDiff's actions", cases };
