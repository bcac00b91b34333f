/** Migrate: every check and its message, for all actions, where no workflow exists. */
import type { Case, Table } from "../case.js";
import { unmounted } from "../given.js";
import { names, otherWords, refusedByUs, spelling } from "../reasons.js";

const source = "--cells zx --source ext1.commerce";

const early = otherWords("is reported before anything is opened");
const empty = otherWords("An empty name is a wrong format");

const cases: Case[] = [
  { line: "Migrate" },
  { line: "Migrate Create" },
  { line: "Migrate Create commerce.wf more" },
  { line: "Migrate Create commerce.wf" },
  { line: "Migrate --all Create commerce.wf" },
  { line: "Migrate --source ext1.commerce Create commerce.wf" },
  { line: "Migrate --source ext1 --all Create commerce.wf" },
  { line: "Migrate --source ext1.a.b --all Create commerce.wf" },
  { line: "Migrate --source nope.commerce --all Create commerce.wf" },
  { line: "Migrate --source ext1.nope --all Create commerce.wf" },
  { line: "Migrate --source .commerce --all Create commerce.wf", differs: [empty] },
  { line: "Migrate --source ext1. --all Create commerce.wf", differs: [empty] },
  { line: "Migrate --source ext1.commerce --all Create commerce.wf", name: "Create, unmounted", given: [unmounted] },
  { line: `Migrate ${source} --all Create nope.wf` },
  { line: `Migrate ${source} --all Create wf` },
  { line: `Migrate ${source} --all Create a.b.c` },
  { line: `Migrate ${source} --all Create .wf`, differs: [empty] },
  { line: `Migrate ${source} --all Create commerce.`, differs: [refusedByUs("An empty name is a wrong format")] },
  { line: `Migrate ${source} --all Create commerce.a/b`, differs: [{ ...refusedByUs(names.because) }] },

  { line: `Migrate ${source} --tables nope,items Create commerce.wf` },
  { line: `Migrate ${source} --all --exclude nope Create commerce.wf` },
  { line: `Migrate ${source} --all --exclude items,other Create commerce.wf` },
  { line: `Migrate ${source} --tables items --exclude items Create commerce.wf` },
  {
    line: `Migrate ${source} --tables {} Create commerce.wf`,
    timeoutMs: 40_000,
    differs: [{ in: ["stdout", "error", "vreplication."], because: "a spec without tables" }],
  },
  {
    line: `Migrate ${source} --tables {"nope":{}} Create commerce.wf`,
    differs: [otherWords("the tables of a spec are looked for as those of a list are")],
  },
  { line: `Migrate ${source} --tables {bad Create commerce.wf`, differs: [otherWords("A mistake in a table spec")] },
  {
    line: `Migrate ${source} --tables {"items":{"nope":1}} Create commerce.wf`,
    differs: [refusedByUs("Unknown fields are refused.")],
  },

  { line: `Migrate ${source} --all Frobnicate commerce.wf` },
  { line: `Migrate ${source} --all Frobnicate nope.wf`, differs: [early] },
  { line: `Migrate ${source} --all SwitchTraffic commerce.wf` },
  { line: "Migrate Show commerce.wf" },
  { line: "Migrate Progress commerce.wf" },
  { line: "Migrate GetState commerce.wf" },
  { line: "Migrate ReverseTraffic commerce.wf" },
  { line: "Migrate Complete commerce.wf" },
  { line: "Migrate complete commerce.wf" },
  { line: "Migrate Cancel commerce.wf" },
  { line: "Migrate CANCEL commerce.wf" },
  { line: "Migrate Complete nope.wf" },
  { line: "Migrate Cancel nope.wf" },
  { line: "Migrate Complete wf" },
  { line: "Migrate --dry_run Complete commerce.wf" },
  { line: "Migrate --dry_run Cancel commerce.wf" },
  {
    line: `Migrate --dry_run ${source} --all Create commerce.wf`,
    differs: [refusedByUs("`Create -dry_run` and `Cancel -dry_run` print the steps", [])],
  },

  { line: `Migrate ${source} --all --on-ddl nonsense Create commerce.wf` },
  { line: `Migrate ${source} --all --on-ddl= Create commerce.wf` },
  { line: "Migrate --on-ddl nonsense Complete commerce.wf" },
  { line: `Migrate ${source} --all --tablet_types nonsense Create commerce.wf` },
  { line: `Migrate ${source} --atomic-copy --tables items Create commerce.wf` },
  { line: `Migrate ${source} --atomic-copy --all --exclude items Create commerce.wf` },
  { line: `Migrate ${source} --atomic-copy --tables items --exclude x Create commerce.wf` },
  {
    line: `Migrate ${source} --all --source_shards nope Create commerce.wf`,
    differs: [otherWords("`-source_shards` that either side hasn't are named")],
  },
  {
    line: `Migrate ${source} --all --source_shards 0,nope Create commerce.wf`,
    differs: [refusedByUs("`-source_shards` that either side hasn't are named", ["vreplication.", "table "])],
  },
  {
    line: `Migrate ${source} --all --source_time_zone Nowhere/Land Create commerce.wf`,
    differs: [{ in: ["error", "table "], because: "`-source_time_zone` is checked before anything is created" }],
  },
  {
    line: `Migrate ${source} --all --reverse_replication Create commerce.wf`,
    differs: [refusedByUs("`-reverse_replication` is refused", ["vreplication.", "table "])],
  },

  { line: "Migrate --source" },
  { line: `Migrate ${source} --all --nope Create commerce.wf` },
  { line: `Migrate ${source} --all=maybe Create commerce.wf` },
  { line: `Migrate ${source} --all --timeout 5 Create commerce.wf` },
  { line: `Migrate ${source} --all --timeout nonsense Create commerce.wf` },
  {
    line: `Migrate ${source} --all --dry-run Create commerce.wf`,
    differs: [{ ...spelling, in: [...spelling.in, "stdout"] }],
  },
];

export const migrateChecksTable: Table = { name: "Migrate's checks", cases };
