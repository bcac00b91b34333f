/** The tablets' own VDiff, with all its actions. */
import type { Case, Difference, Given } from "./case.js";
import { sql, typed, typedByUs, unmounted, vschema } from "./given.js";
import { sideBySide } from "./suite.js";

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
const sharded = [
  vschema("shop", {
    sharded: true,
    vindexes: { hash: { type: "hash" } },
    tables: { items: { columnVindexes: [{ column: "id", name: "hash" }] } },
  }),
  typedByUs("Migrate --cells zx --source ext1.commerce --tables items Create shop.wf"),
];
const shopCompared = typed(`VDiff ${cells} shop.wf create ${one}`);

/** Words behind VDiff, in a state. */
function vdiff(words: string, given: Given[] = [made], differs: Difference[] = []): Case {
  const after = given.slice(1).map(({ name }) => name);
  return { name: [`VDiff ${words}`, ...after].join(" | after "), line: `VDiff ${words}`, given, differs };
}

const cases: Case[] = [
  vdiff("", []),
  vdiff("commerce", []),
  vdiff("commerce create", []),
  vdiff("commerce.wf create", []),
  vdiff("commerce.wf show all", []),
  vdiff("nope.wf create", []),
  vdiff("nope.wf show all", []),
  vdiff("commerce.wf frobnicate"),
  vdiff("commerce.wf create nonsense"),
  vdiff("commerce.wf create last"),
  vdiff("commerce.wf show"),
  vdiff("commerce.wf show nonsense"),
  vdiff("commerce.wf stop"),
  vdiff("commerce.wf stop all"),
  vdiff("commerce.wf stop last"),
  vdiff("commerce.wf resume"),
  vdiff("commerce.wf resume all"),
  vdiff("commerce.wf delete"),
  vdiff("commerce.wf delete last"),
  vdiff(`commerce.wf create ${one} more`),
  vdiff("--limit 0 commerce.wf create"),
  vdiff("--limit -5 commerce.wf create"),
  vdiff("--nope commerce.wf create"),
  vdiff("--filtered_replication_wait_time 5 commerce.wf create"),
  vdiff("--max_extra_rows_to_compare x commerce.wf create"),
  vdiff("commerce.wf show all"),
  vdiff("--format json commerce.wf show all"),
  vdiff("commerce.wf show last"),
  vdiff("--format json commerce.wf show last"),
  vdiff(`commerce.wf show ${one}`),
  vdiff(`commerce.wf stop ${one}`),
  vdiff(`commerce.wf resume ${one}`),
  vdiff(`commerce.wf delete ${one}`),
  vdiff("commerce.wf delete all"),
  vdiff("--format json commerce.wf delete all"),

  vdiff(`${cells} commerce.wf create ${one}`),
  vdiff(`${cells} commerce.wf CREATE ${one}`),
  vdiff(`${cells} commerce.wf create`),
  vdiff(`${cells} --format json commerce.wf create ${one}`),
  vdiff(`${cells} --tables items commerce.wf create ${one}`),
  vdiff(`${cells} --tables nope commerce.wf create ${one}`),
  vdiff(`${cells} --tablet_types PRIMARY commerce.wf create ${one}`),
  vdiff(`${cells} --tablet_types in_order:REPLICA,PRIMARY commerce.wf create ${one}`),
  vdiff(`--tablet_types PRIMARY commerce.wf create ${one}`),
  vdiff(
    `${cells} --limit 10 --only_pks --debug_query --max_extra_rows_to_compare 5 --filtered_replication_wait_time 20s ` +
      `--auto-retry=false --update-table-stats --tablet_types PRIMARY commerce.wf create ${one}`,
  ),
  vdiff(`${cells} --checksum --sample_pct 50 commerce.wf create ${one}`),
  vdiff(`${cells} --wait --wait-update-interval 1s commerce.wf create ${one}`),
  vdiff(`${cells} --wait --wait-update-interval 1s --format json commerce.wf create ${one}`),
  vdiff(`${cells} commerce.wf create ${one}`, [made, stopped]),
  vdiff(`${cells} commerce.wf create ${one}`, [made, compared()]),
  vdiff(`${cells} commerce.wf create ${one}`, [made, unmounted]),
  vdiff(`${cells} shop.wf create ${one}`, sharded),

  vdiff(`commerce.wf show ${one}`, [made, compared()]),
  vdiff("commerce.wf show last", [made, compared()]),
  vdiff("commerce.wf Show Last", [made, compared()]),
  vdiff("--verbose commerce.wf show last", [made, compared()]),
  vdiff("--format json commerce.wf show last", [made, compared()]),
  vdiff("--verbose --format JSON commerce.wf show last", [made, compared()]),
  vdiff("--format nonsense commerce.wf show last", [made, compared()]),
  vdiff("commerce.wf show all", [made, compared(), compared(two)]),
  vdiff("--format json commerce.wf show all", [made, compared(), compared(two)]),
  vdiff("commerce.wf show last", [made, planted, compared()]),
  vdiff("--format json commerce.wf show last", [made, planted, compared()]),
  vdiff("--format json commerce.wf show last", [made, planted, compared(one, "--debug_query")]),
  vdiff("--format json commerce.wf show last", [made, planted, compared(one, "--only_pks")]),
  vdiff("commerce.wf show last", [made, rowLost, compared()]),
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

sideBySide("VDiff's actions", cases);
