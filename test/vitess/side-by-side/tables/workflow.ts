/** Workflow with its actions. */
import type { Case, Difference, Given, Table } from "../case.js";
import { sharded, sql, typed, typedByUs, unmounted } from "../given.js";
import { missingWorkflow, otherWords, spelling } from "../reasons.js";

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
const secondStream: Given = {
  name: "a second stream",
  make: (lab) => {
    const columns = [
      ...["workflow", "source", "pos", "max_tps", "max_replication_lag", "time_updated", "transaction_timestamp"],
      ...["state", "db_name", ...(lab.release >= 20 ? ["options"] : [])],
    ].join(", ");
    const insert = `insert into _vt.vreplication (${columns}) select ${columns} from _vt.vreplication`;
    return lab.sql(lab.primary("target", "commerce"), insert);
  },
};

const usage = otherWords("Usage texts are vtmigrate's own");
const empty = otherWords("An empty name is a wrong format");
const noKeyspace = otherWords("A keyspace that isn't there has `no shards`");
const listed: Difference = {
  in: ["exit", "stdout", "error"],
  because: "`listall` takes a workflow's name behind the keyspace's",
};
const recordGone: Difference = {
  in: ["topology /vitess/global/vtmigrate/"],
  because: "`delete` takes vtmigrate's record of the workflow too",
};
const spelledDryRun: Difference = { ...spelling, in: [...spelling.in, "stdout"] };
const trueType: Difference = { in: ['stdout: "WorkflowType"'], because: "`WorkflowType` shows the true type." };

/** Of a workflow that vtctlclient has made: its type is stored as that of a MoveTables. */
function shown(state: string, action: string, given: Given[]): Case {
  return of(state, action, given, { differs: [trueType] });
}

function of(state: string, action: string, given: Given[], more: Partial<Case> = {}): Case {
  return { name: `${action} ${state}`, line: `Workflow ${action}`, given, ...more };
}

const cases: Case[] = [
  { line: "Workflow", differs: [usage] },
  { line: "Workflow commerce", differs: [usage] },
  { line: "Workflow commerce.wf", differs: [usage] },
  { line: "Workflow commerce.wf show more", differs: [usage] },
  { line: "Workflow commerce.wf show" },
  { line: "Workflow commerce.wf start" },
  { line: "Workflow commerce.wf stop", differs: [missingWorkflow] },
  { line: "Workflow commerce.wf delete", differs: [missingWorkflow] },
  { line: "Workflow --dry-run commerce.wf start" },
  { line: "Workflow --dry-run commerce.wf stop", differs: [{ ...missingWorkflow, in: ["stdout", "error"] }] },
  { line: "Workflow nope.wf show", differs: [noKeyspace] },
  { line: "Workflow nope.wf stop", differs: [noKeyspace] },
  { line: "Workflow nope listall", differs: [noKeyspace] },
  { line: "Workflow nope.wf frobnicate" },
  { line: "Workflow commerce.wf frobnicate" },
  { line: "Workflow commerce frobnicate" },
  { line: "Workflow commerce show" },
  { line: "Workflow commerce start" },
  { line: "Workflow commerce. show", differs: [empty] },
  { line: "Workflow .wf show", differs: [empty] },
  { line: "Workflow . show", differs: [empty] },
  { line: "Workflow a.b.c show" },
  { line: "Workflow commerce list" },
  { line: "Workflow commerce.wf list" },
  { line: "Workflow --nope commerce.wf show" },
  { line: "Workflow --dry-run=maybe commerce.wf stop" },
  { line: "Workflow commerce listall" },
  { line: "Workflow commerce.wf listall", differs: [listed] },
  { line: "Workflow commerce. listall", differs: [listed] },
  { line: "Workflow a.b.c listall", differs: [noKeyspace] },
  { line: "Workflow --dry-run commerce listall" },
  { line: "Workflow shop listall" },
  of("of one", "commerce ListAll", [made]),
  of("of two", "commerce listall", [
    made,
    typed("Migrate --cells zx --source ext1.commerce --tables items --auto_start=false Create commerce.another"),
  ]),

  shown("running", "commerce.wf show", [made]),
  shown("running", "commerce.wf SHOW", [made]),
  shown("running", "--dry-run commerce.wf show", [made]),
  of("made by vtmigrate", "commerce.wf show", [typedByUs(create("--all"))]),
  shown("stopped", "commerce.wf show", [made, stopped]),
  shown("not started", "commerce.wf show", [typed(create("--all --auto_start=false"))]),
  shown("stopped after the copy", "commerce.wf show", [typed(create("--all --stop_after_copy --on-ddl EXEC"))]),
  shown("with deferred keys", "commerce.wf show", [typed(create("--all --defer-secondary-keys"))]),
  shown("with an atomic copy", "commerce.wf show", [typed(create("--all --atomic-copy"))]),
  shown("of some source shards", "commerce.wf show", [typed(create("--all --source_shards 0"))]),
  shown("in error", "commerce.wf show", [
    made,
    stopped,
    stored("state", "Error"),
    stored("message", "Error: duplicate <x> & y"),
  ]),
  shown("with error in its message", "commerce.wf show", [made, stopped, stored("message", "some error text")]),
  shown("frozen", "commerce.wf show", [made, stopped, frozen]),
  shown("with tags", "commerce.wf show", [
    made,
    stopped,
    stored("tags", "a,b"),
    stored("stop_pos", "MariaDB/0-110-99"),
    stored("component_throttled", "vplayer"),
  ]),
  shown("in the middle of its copy", "commerce.wf show", [
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
    differs: [recordGone],
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
  of("in shards", "shop.wf delete", sharded, { differs: [recordGone] }),

  of("running", "--dry-run commerce.wf stop", [made]),
  of("running", "--dry-run commerce.wf start", [made]),
  of("running", "--dry-run commerce.wf delete", [made]),
  of("running", "commerce.wf stop --dry-run", [made]),
  of("running", "--dry_run commerce.wf stop", [made], { differs: [spelledDryRun] }),
  of("running", "-dry-run commerce.wf stop", [made], { differs: [spelledDryRun] }),
  of("with two streams on a tablet", "--dry-run commerce.wf stop", [made, stopped, secondStream]),
  of("in shards", "--dry-run shop.wf stop", sharded),
];

export const workflowTable: Table = { name: "Workflow", cases };
