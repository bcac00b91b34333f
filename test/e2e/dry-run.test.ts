/** A dry run shows the steps that the real run then takes, in the same order, and changes nothing. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Lab, sql } from "../support/lab.js";

interface Step {
  step: string;
  details: string[];
}

let folder: string;
let lab: Lab;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vtmigrate-dry-"));
  lab = await Lab.start({ typesHere: true, rows: 5 });
  mount[4] = lab.sandbox.source.etcd;
}, 120_000);
afterAll(async () => {
  await lab?.close();
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  await lab.clear();
  for (const name of await lab.topo.mounts()) if (name !== "ext1") await lab.topo.deleteMount(name);
});

/** The steps of a dry run, which leaves everything as it was. */
async function rehearse(words: string[]): Promise<Step[]> {
  const before = await lab.everything();
  const result = await lab.type(["-json", ...words]);
  expect(result.code, result.stderr).toBe(0);
  expect(await lab.everything()).toEqual(before);
  return JSON.parse(result.stdout).steps;
}

/** The steps that a run has taken, from its log. */
async function perform(words: string[]): Promise<string[]> {
  const file = join(folder, `${Math.random()}.jsonl`);
  const result = await lab.type(["-log_file", file, ...words]);
  expect(result.code, result.stderr).toBe(0);
  const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
  return lines
    .map((line): { msg: string; step: string } => JSON.parse(line))
    .filter(({ msg }) => msg === "step")
    .map(({ step }) => step);
}

const create = ["Migrate", "-tables", "notes,corder", "-source", "ext1.commerce", "Create", "commerce.wf"];
const withoutLocks = (steps: Step[]) =>
  steps.map(({ step }) => step).filter((step) => !step.startsWith("Take the locks"));

/** With -dry_run behind the command's name. */
const dry = ([command = "", ...words]: string[]) => [command, "-dry_run", ...words];

const mount = ["Mount", "-topo_type", "etcd2", "-topo_server", "", "-topo_root", "/vitess/global", "ext9"];

describe("the steps of", () => {
  it.each([
    ["Create", [], create],
    ["Complete", [create], ["Migrate", "Complete", "commerce.wf"]],
    ["Cancel", [create], ["Migrate", "Cancel", "commerce.wf"]],
    ["Cancel that keeps the data", [create], ["Migrate", "-keep_data", "Cancel", "commerce.wf"]],
    ["Mount", [], mount],
    ["Mount -unmount", [mount], ["Mount", "-unmount", "ext9"]],
    ["Workflow stop", [create], ["Workflow", "commerce.wf", "stop"]],
    ["Workflow start", [create, ["Workflow", "commerce.wf", "stop"]], ["Workflow", "commerce.wf", "start"]],
    ["Workflow delete", [create], ["Workflow", "commerce.wf", "delete"]],
    ["ApplyVSchema", [], ["ApplyVSchema", "-vschema", '{"tables": {"notes": {}}}', "commerce"]],
    ["ApplyVSchema by a statement", [], ["ApplyVSchema", "-sql", "alter vschema add table notes", "commerce"]],
    ["ApplyVSchema without rebuild", [], ["ApplyVSchema", "-skip_rebuild", "-vschema", "{}", "commerce"]],
  ])("%s", async (_, before: string[][], words) => {
    for (const each of before) expect((await lab.type(each)).code).toBe(0);
    const shown = await rehearse(dry(words));
    const done = await perform(words);
    // Rows are counted for the eye only.
    const plain = withoutLocks(shown).map((step) => step.replaceAll(/ \(\d+ rows?\)/g, ""));
    expect(plain).toEqual(done);
    expect(done.length).toBeGreaterThan(0);
  });

  it("a start that takes off what a VDiff has left", async () => {
    expect((await lab.type([...create.slice(0, -2), "-wait", ...create.slice(-2)])).code).toBe(0);
    const primary = lab.primary("target");
    sql(primary, "update _vt.vreplication set state = 'Stopped', message = 'for vdiff'");
    const words = ["Workflow", "commerce.wf", "start"];
    const shown = await rehearse(dry(words));
    expect(shown.map(({ step }) => step)).toEqual([
      "Take off the streams what a VDiff has left on them",
      "Start the streams",
    ]);
    expect(await perform(words)).toEqual(shown.map(({ step }) => step));
    expect(lab.streams()).toMatchObject([{ state: "Running", message: "" }]);
  });
});

describe("details", () => {
  const details = (steps: Step[], begin: string) => steps.find(({ step }) => step.startsWith(begin))?.details;

  it("of Create are locks, definitions, filters and the start", async () => {
    const steps = await rehearse(dry(create));
    expect(details(steps, "Take the locks")).toEqual([
      "internal/named_locks/commerce/wf: MoveTablesCreate",
      "keyspaces/commerce: MoveTablesCreate",
    ]);
    const [corder = "", notes = ""] = details(steps, "Create tables on 0/zone1-0000000100") ?? [];
    expect(corder).toMatch(/^CREATE TABLE `corder` \(\n[\s\S]*PRIMARY KEY/);
    expect(notes).toMatch(/^CREATE TABLE `notes`/);
    expect(details(steps, "Insert a stopped stream")).toEqual([
      "cells zx, tablet types in_order:replica,primary",
      "corder: select * from corder",
      "notes: select * from notes",
    ]);
    expect(details(steps, "Start the streams")).toEqual([
      "update _vt.vreplication set state = 'Running' where db_name = 'vt_commerce' and workflow = 'wf'",
    ]);
  });

  it("of Complete and Cancel are statements and keys", async () => {
    expect((await lab.type(create)).code).toBe(0);
    const id = lab.streams()[0]?.id;
    const complete = await rehearse(dry(["Migrate", "Complete", "commerce.wf"]));
    expect(details(complete, "Stop the streams")).toEqual([
      `0/zone1-0000000100: update _vt.vreplication set state = 'Stopped' where id in (${id})`,
    ]);
    expect(details(complete, "Add the tables to the VSchema")).toEqual([
      "keyspaces/commerce/VSchema",
      '"corder": {}',
      '"notes": {}',
    ]);
    expect(details(complete, "Take the tables off")).toEqual(["keyspaces/commerce/shards/0/Shard"]);
    const cancel = await rehearse(dry(["Migrate", "Cancel", "commerce.wf"]));
    expect(details(cancel, "Drop tables")?.join()).toMatch(/drop table if exists `vt_commerce`.`corder`/);
  });

  it("of ApplyVSchema are the lines that change", async () => {
    expect((await lab.type(["ApplyVSchema", "-vschema", '{"tables": {"a": {}, "b": {}}}', "commerce"])).code).toBe(0);
    const change = ["ApplyVSchema", "-dry_run", "-vschema", '{"tables": {"a": {}, "c": {}}}', "commerce"];
    expect(details(await rehearse(change), "Write the VSchema")).toEqual([
      "keyspaces/commerce/VSchema",
      " {",
      '   "tables": {',
      '     "a": {},',
      '-    "b": {}',
      '+    "c": {}',
      "   }",
      " }",
    ]);
    const same = ["ApplyVSchema", "-dry_run", "-vschema", '{"tables": {"a": {}, "b": {}}}', "commerce"];
    expect(details(await rehearse(same), "Write the VSchema")).toEqual([
      "keyspaces/commerce/VSchema",
      "nothing changes",
    ]);
  });
});
