/** Migrate Create, where it does something. */
import type { Case, Difference, Table } from "../case.js";
import { noVSchema, sql, typed, vschema } from "../given.js";
import { createdByUs, doneByUs, ourRecord, refusedByUs, spelling, typeMigrate } from "../reasons.js";

const source = "--cells zx --source ext1.commerce";

/** A Create of what options tell into the unsharded keyspace; both tools do the same but for the type and the record. */
function create(options: string | string[], differs: Difference[] = createdByUs): Case {
  const words = typeof options === "string" ? options.split(" ") : options;
  return {
    name: `Create ${words.join(" ")}`,
    line: ["Migrate", ...source.split(" "), ...words, "Create", "commerce.wf"],
    differs,
  };
}

const order: Difference = {
  in: ["vreplication.source"],
  before: 22,
  because: "A stream's tables come in the order of their names",
};
const keysNow: Difference = {
  in: ["vreplication.defer_secondary_keys"],
  since: 22,
  because: "It never defers secondary keys",
};
const emptyTable = "create table items(id int primary key, name varchar(50), v int)";
const shopOfOurs = vschema("shop", {
  sharded: true,
  vindexes: { hash: { type: "hash" } },
  tables: {
    items: { columnVindexes: [{ column: "id", name: "hash" }] },
    other: { columnVindexes: [{ column: "id", name: "hash" }] },
  },
});

const cases: Case[] = [
  create("--all"),
  create("--tables items"),
  create("--tables other,items", [...createdByUs, order]),
  create("--all --exclude other"),
  create("--tables items,other --exclude other"),
  create(["--tables", '{"items":{}}']),
  create(["--tables", "items, other"], [doneByUs("Blanks around the names of a list")]),
  create("--tables items,,other", [doneByUs("Blanks around the names of a list")]),
  create("--tables items,items", [
    {
      ...doneByUs("names that come twice"),
      in: ["exit", "stdout", "error", "vreplication.", "table items", "topology /vitess/global/vtmigrate/"],
    },
  ]),

  create("--all --auto_start=false"),
  create("--all --stop_after_copy"),
  create("--all --tablet_types PRIMARY"),
  create("--all --tablet_types in_order:REPLICA,PRIMARY"),
  create("--all --tablet_types REPLICA,PRIMARY"),
  create("--all --tablet_types replica,primary,rdonly"),
  create("--all --tablet_types master,replica"),
  create("--all --on-ddl exec"),
  create("--all --on-ddl STOP"),
  create("--all --on-ddl EXEC_IGNORE"),
  create("--all --on-ddl IGNORE"),
  create("--all --defer-secondary-keys"),
  create("--all --atomic-copy", [...createdByUs, keysNow]),
  create("--all --drop_foreign_keys"),
  create("--all --source_shards 0"),
  create("--all --timeout 5s"),
  create("--all --reverse_replication=false"),
  create(
    "--all --keep_data --rename_tables --keep_routing_rules --skip_schema_copy --target_shards 0 " +
      "--max_replication_lag_allowed 1s --initialize-target-sequences --no-routing-rules",
  ),
  { line: `Migrate Create commerce.wf ${source} --all`, differs: createdByUs },
  { line: `Migrate ${source} --all create commerce.wf`, differs: createdByUs },
  { line: "Migrate --source ext1.commerce --cells zx,zx --all Create commerce.wf", differs: createdByUs },
  create("--all --drop-foreign-keys", [{ ...doneByUs(spelling.because) }]),

  {
    line: "Migrate --source ext1.commerce --all --timeout 3s Create commerce.wf",
    differs: [
      {
        in: ["exit", "stdout", "error", "vreplication.cell", "vreplication.message", "table "],
        because: "**Source cells.** Without `-cells`",
      },
      typeMigrate,
      ourRecord,
    ],
  },
  {
    line: "Migrate --source ext1.commerce --cells nocell --all --timeout 3s Create commerce.wf",
    differs: [{ ...refusedByUs("**Every wait has a deadline.**"), in: ["stdout", "error", "vreplication.", "table "] }],
  },
  {
    line: `Migrate ${source} --tablet_types RDONLY --all --timeout 3s Create commerce.wf`,
    differs: [{ ...refusedByUs("**Every wait has a deadline.**"), in: ["stdout", "error", "vreplication.", "table "] }],
  },

  { ...create("--all"), name: "Create beside an empty table", given: [sql(emptyTable)] },
  {
    ...create("--all"),
    name: "Create beside a table with rows",
    given: [sql(emptyTable, "insert into items values (1000, 'x', 1)")],
    differs: [refusedByUs("**An existing target table** must be empty", ["vreplication.", "table "])],
  },
  {
    ...create("--all"),
    name: "Create beside a table with other columns",
    given: [sql("create table items(id int primary key, v int)")],
    differs: [
      {
        in: ["stdout", "error", "vreplication.", "copy_state.", "table other"],
        because: "**An existing target table** must be empty",
      },
    ],
  },
  {
    ...create("--all", []),
    name: "Create of a workflow that exists",
    given: [typed(`Migrate ${source} --all Create commerce.wf`)],
  },
  {
    ...create("--all --timeout 3s"),
    name: "Create of tables that another workflow fills",
    given: [typed(`Migrate ${source} --all Create commerce.other`)],
    differs: [
      {
        in: ["stdout", "error", "vreplication.", "copy_state."],
        because: "**A table that another workflow fills is refused**",
      },
    ],
  },
  {
    ...create("--all"),
    name: "Create without a VSchema",
    given: [noVSchema],
    differs: [doneByUs("A target keyspace without a VSchema counts as unsharded and empty")],
  },

  {
    line: `Migrate ${source} --all --timeout 3s Create shop.wf`,
    name: "Create into shards, without vindexes",
    differs: [{ in: ["error"], because: "**Sharded targets work on every version**" }],
  },
  {
    line: `Migrate ${source} --all --auto_start=false Create shop.wf`,
    name: "Create into shards",
    given: [shopOfOurs],
    differs: [{ in: ["vreplication.source"], because: "**Sharded targets work on every version**" }, ...createdByUs],
  },
];

export const createTable: Table = { name: "Migrate Create", cases };
