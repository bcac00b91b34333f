/** Workflow with its actions. */
import type { Case, Given } from "./case.js";
import { sql, typed, typedByUs, unmounted, vschema } from "./given.js";
import { sideBySide } from "./suite.js";

const create = (options: string) => `Migrate --cells zx --source ext1.commerce ${options} Create commerce.wf`;
const made = typed(create("--all"));
const stopped = typed("Workflow commerce.wf stop");
const deleted = typed("Workflow commerce.wf delete");
const compared = typed(
  "VDiff --source_cell zx --target_cell zone1 commerce.wf create 11111111-2222-3333-4444-555555555555",
);
const stored = (column: string, value: string) =>
  sql(`update _vt.vreplication set ${column} = '${value}' where workflow = 'wf'`);
const frozen = stored("message", "FROZEN");
const sharded = [
  vschema("shop", {
    sharded: true,
    vindexes: { hash: { type: "hash" } },
    tables: { items: { columnVindexes: [{ column: "id", name: "hash" }] } },
  }),
  typedByUs("Migrate --cells zx --source ext1.commerce --tables items Create shop.wf"),
];

function of(state: string, action: string, given: Given[], more: Partial<Case> = {}): Case {
  return { name: `${action} ${state}`, line: `Workflow ${action}`, given, ...more };
}

const cases: Case[] = [
  { line: "Workflow" },
  { line: "Workflow commerce" },
  { line: "Workflow commerce.wf" },
  { line: "Workflow commerce.wf show more" },
  { line: "Workflow commerce.wf show" },
  { line: "Workflow commerce.wf start" },
  { line: "Workflow commerce.wf stop" },
  { line: "Workflow commerce.wf delete" },
  { line: "Workflow --dry-run commerce.wf start" },
  { line: "Workflow --dry-run commerce.wf stop" },
  { line: "Workflow nope.wf show" },
  { line: "Workflow nope.wf stop" },
  { line: "Workflow nope listall" },
  { line: "Workflow nope.wf frobnicate" },
  { line: "Workflow commerce.wf frobnicate" },
  { line: "Workflow commerce frobnicate" },
  { line: "Workflow commerce show" },
  { line: "Workflow commerce start" },
  { line: "Workflow commerce. show" },
  { line: "Workflow .wf show" },
  { line: "Workflow . show" },
  { line: "Workflow a.b.c show" },
  { line: "Workflow commerce list" },
  { line: "Workflow commerce.wf list" },
  { line: "Workflow --nope commerce.wf show" },
  { line: "Workflow --dry-run=maybe commerce.wf stop" },
  { line: "Workflow commerce listall" },
  { line: "Workflow commerce.wf listall" },
  { line: "Workflow commerce. listall" },
  { line: "Workflow a.b.c listall" },
  { line: "Workflow --dry-run commerce listall" },
  { line: "Workflow shop listall" },
  of("of one", "commerce ListAll", [made]),
  of("of two", "commerce listall", [
    made,
    typed("Migrate --cells zx --source ext1.commerce --tables items --auto_start=false Create commerce.another"),
  ]),

  of("running", "commerce.wf show", [made]),
  of("running", "commerce.wf SHOW", [made]),
  of("running", "--dry-run commerce.wf show", [made]),
  of("made by vtmigrate", "commerce.wf show", [typedByUs(create("--all"))]),
  of("stopped", "commerce.wf show", [made, stopped]),
  of("not started", "commerce.wf show", [typed(create("--all --auto_start=false"))]),
  of("stopped after the copy", "commerce.wf show", [typed(create("--all --stop_after_copy --on-ddl EXEC"))]),
  of("with deferred keys", "commerce.wf show", [typed(create("--all --defer-secondary-keys"))]),
  of("with an atomic copy", "commerce.wf show", [typed(create("--all --atomic-copy"))]),
  of("of some source shards", "commerce.wf show", [typed(create("--all --source_shards 0"))]),
  of("in error", "commerce.wf show", [
    made,
    stopped,
    stored("state", "Error"),
    stored("message", "Error: duplicate <x> & y"),
  ]),
  of("with error in its message", "commerce.wf show", [made, stopped, stored("message", "some error text")]),
  of("frozen", "commerce.wf show", [made, stopped, frozen]),
  of("with tags", "commerce.wf show", [
    made,
    stopped,
    stored("tags", "a,b"),
    stored("stop_pos", "MariaDB/0-110-99"),
    stored("component_throttled", "vplayer"),
  ]),
  of("in the middle of its copy", "commerce.wf show", [
    made,
    stopped,
    sql(
      "insert into _vt.copy_state (vrepl_id, table_name, lastpk) select id, 'items', 'fields:{name:\"id\" type:INT32} rows:{lengths:1 values:\"5\"}' from _vt.vreplication",
    ),
  ]),
  of("deleted", "commerce.wf show", [made, deleted]),
  of("in shards", "shop.wf show", sharded),

  of("running", "commerce.wf stop", [made]),
  of("running", "commerce.wf start", [made]),
  of("running", "commerce.wf delete", [made]),
  of("stopped", "commerce.wf stop", [made, stopped]),
  of("stopped", "commerce.wf start", [made, stopped]),
  of("not started", "commerce.wf start", [typed(create("--all --auto_start=false"))]),
  of("made by vtmigrate", "commerce.wf Delete", [typedByUs(create("--all"))], {
    differs: [
      { in: ["topology /vitess/global/vtmigrate/"], because: "the record of what was created goes with the streams" },
    ],
  }),
  of("frozen", "commerce.wf stop", [made, stopped, frozen]),
  of("frozen", "commerce.wf start", [made, stopped, frozen]),
  of("frozen", "commerce.wf delete", [made, stopped, frozen]),
  of("stopped after the copy", "commerce.wf start", [typed(create("--all --stop_after_copy"))]),
  of("with an atomic copy that is done", "commerce.wf start", [typed(create("--all --atomic-copy")), stopped]),
  of("with an atomic copy that has not begun", "commerce.wf start", [
    typed(create("--all --atomic-copy --auto_start=false")),
  ]),
  of("unmounted", "commerce.wf stop", [made, unmounted]),
  of("with a VDiff", "commerce.wf delete", [made, compared]),
  of("in shards", "shop.wf stop", sharded),
  of("in shards", "shop.wf start", sharded),
  of("in shards", "shop.wf delete", sharded),

  of("running", "--dry-run commerce.wf stop", [made]),
  of("running", "--dry-run commerce.wf start", [made]),
  of("running", "--dry-run commerce.wf delete", [made]),
  of("running", "commerce.wf stop --dry-run", [made]),
  of("running", "--dry_run commerce.wf stop", [made]),
  of("running", "-dry-run commerce.wf stop", [made]),
  of("in shards", "--dry-run shop.wf stop", sharded),
];

sideBySide("Workflow", cases);
