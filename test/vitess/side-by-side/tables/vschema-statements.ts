/** ApplyVSchema of statements. */
import type { Case, Difference, Given, Table } from "../case.js";
import { altered, textFile } from "../given.js";

const file = textFile("add.sql", "alter vschema add table zz\n");

const otherKeyspace: Difference = {
  in: ["exit", "error", "stdout", "topology /vitess/global/keyspaces/", "topology /vitess/zone1/SrvVSchema"],
  because: "A statement that names another keyspace's table is refused",
};
const quotes: Difference = {
  in: ["stdout", "topology /vitess/global/keyspaces/shop/VSchema", "topology /vitess/zone1/SrvVSchema"],
  because: "A vindex parameter in quotes is stored without them",
};
const otherStatements: Difference = {
  in: ["error"],
  because: "Of statements other than `alter vschema` the syntax isn't checked",
};
const reserved: Difference = { ...otherKeyspace, because: "reserved words needn't be quoted" };
const single: Difference = { in: ["error"], before: 22, because: "stdout is the text of vtctlclient v22.0.3" };
const goTexts: Difference = { in: ["error"], because: "Error texts don't carry what Go prints by the way" };
const dryRun: Difference = { in: ["exit", "error", "stdout"], because: "The keyspace must exist for a dry run too." };

function statement(sql: string, keyspace: string, more: Partial<Case> & { flags?: string[] } = {}): Case {
  const { flags = [], ...rest } = more;
  const given = rest.given?.map(({ name }) => `after ${name}: `).join("") ?? "";
  return {
    name: `${given}${sql} ${flags.join(" ")} (${keyspace})`,
    line: ["ApplyVSchema", "--sql", sql, ...flags, keyspace],
    ...rest,
  };
}

/** In the sharded keyspace shop, whose VSchema is that of the sandbox's sharded tables. */
function shop(sql: string, given: Given[] = [], differs: Difference[] = []): Case {
  return statement(`alter vschema ${sql}`, "shop", { given, differs });
}

/** In the unsharded keyspace commerce, whose VSchema is empty. */
function commerce(sql: string, given: Given[] = [], differs: Difference[] = []): Case {
  return statement(`alter vschema ${sql}`, "commerce", { given, differs });
}

const tableT = altered("commerce", "alter vschema add table t");
const sequence = altered("commerce", "alter vschema add sequence s");
const vindex = altered("shop", "alter vschema create vindex xx2 using xxhash");
const onT = altered("shop", "alter vschema on t add vindex hash(id)");
const autoIncrement = altered("shop", "alter vschema on customer add auto_increment customer_id using commerce.s");

const cases: Case[] = [
  commerce("add table zz"),
  commerce("add table `z z`"),
  commerce("add table zz;"),
  commerce("add table commerce.zz"),
  commerce("add table other.zz", [], [otherKeyspace]),
  commerce("add table both", [], [reserved]),
  commerce("add table t", [tableT]),
  commerce("drop table t", [tableT]),
  commerce("drop table t"),
  shop("add table zz"),
  shop("drop table corder"),
  shop("drop table nope"),
  commerce("add sequence s"),
  commerce("add sequence s", [sequence]),
  commerce("add sequence t", [tableT]),
  commerce("drop sequence s", [sequence]),
  commerce("drop sequence s"),
  shop("add sequence s"),
  shop("drop sequence customer"),

  shop("create vindex h2 using hash"),
  shop("create vindex shop.h2 using hash"),
  shop("create vindex h2 using hash with nope=1"),
  shop("create vindex l2 using lookup with owner=customer, table=shop.l, from=a, to=b"),
  shop("create vindex l2 using lookup with owner=`customer`, `table`=`shop.l`, from=a, to='b'", [], [quotes]),
  shop("create vindex hash using hash"),
  shop("create vindex h2 using nonsense"),
  shop("create vindex h2"),
  commerce("create vindex h2 using hash"),
  shop("drop vindex xx2", [vindex]),
  shop("drop vindex shop.xx2", [vindex]),
  shop("drop vindex binary_md5"),
  shop("drop vindex nope"),

  shop("on t add vindex hash(id)"),
  shop("on t add vindex hash(id) using hash"),
  shop("on t add vindex hash(id) using xxhash"),
  shop("on t add vindex hash(id) using hash with a=b"),
  shop("on t add vindex xx2(id) using xxhash with owner=t"),
  shop("on t add vindex two(id, part) using multicol with column_count=2"),
  shop("on t add vindex nope(id)"),
  shop("on t add vindex hash(id)", [onT]),
  shop("on t add vindex hash(part)", [onT]),
  shop("on shop.t add vindex hash(id)"),
  shop("on other.t add vindex hash(id)", [], [otherKeyspace]),
  shop("on t add vindex l2(id) using lookup with owner=t, table=shop.l, from=a, to=b"),
  commerce("on t add vindex hash(id)"),
  commerce("on t add vindex xx2(id) using xxhash"),
  shop("on t drop vindex hash", [onT]),
  shop("on customer drop vindex nope"),
  shop("on nope drop vindex hash"),

  shop("on customer add auto_increment customer_id using commerce.s"),
  shop("on customer add auto_increment customer_id using s"),
  shop("on customer add auto_increment customer_id using commerce.s", [autoIncrement]),
  shop("on nope add auto_increment id using commerce.s"),
  commerce("on t add auto_increment id using commerce.s", [tableT]),
  shop("on customer drop auto_increment", [autoIncrement]),
  shop("on customer drop auto_increment", [], [goTexts]),
  shop("on nope drop auto_increment"),

  commerce("add table"),
  commerce("add table a; alter vschema add table b", [], [single]),
  shop("on t add vindex hash()"),
  shop("add view v"),
  statement("alter vschema", "commerce"),
  statement("ALTER VSCHEMA ADD TABLE Zz", "commerce"),
  statement("/* c */ alter vschema add table zz -- x", "commerce"),
  statement("nonsense", "commerce"),
  statement("", "commerce", { name: "no statement" }),
  statement("select 1", "commerce"),
  statement("alter table t add column a int", "commerce"),
  statement("create table t (id int)", "commerce"),
  statement("create vschema", "commerce", { differs: [otherStatements] }),

  statement("alter vschema add table zz", "nope"),
  statement("alter vschema add table zz", "nope", { flags: ["--dry-run"], differs: [dryRun] }),
  statement("alter vschema add table zz", "commerce", { flags: ["--dry-run"] }),
  statement("alter vschema add table zz", "commerce", { flags: ["--skip_rebuild"] }),
  statement("alter vschema add table zz", "commerce", { flags: ["--cells", "zone1"] }),
  { line: ["ApplyVSchema", "--sql_file", file.path, "commerce"], given: [file] },
  { line: ["ApplyVSchema", "--sql_file", "/no/such/file", "commerce"] },
];

export const vschemaStatementsTable: Table = { name: "ApplyVSchema's statements", cases };
