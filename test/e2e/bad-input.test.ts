/** What Migrate, Workflow and VDiff say to input that is wrong: one sentence, a hint, the exit code, and no change. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFailure } from "../support/failure.js";
import { Lab } from "../support/lab.js";
import { recorded } from "../support/recording.js";

const recording = "vtctlclient-v22.0.3.txt";

let lab: Lab;
let before: Awaited<ReturnType<Lab["everything"]>>;

beforeAll(async () => {
  lab = await Lab.start({ rows: 20 });
  const create = await lab.type("Migrate -tables product,customer -source ext1.commerce -wait Create commerce.wf");
  expect(create).toMatchObject({ code: 0 });
  await lab.type("Migrate -tables kinds -source ext1.commerce -wait Create commerce.done");
  expect(await lab.type("Migrate Complete commerce.done")).toMatchObject({ code: 0 });
  before = await lab.everything();
}, 120_000);

afterAll(() => lab?.close());

const usage = (command: string) => new RegExp(`^Hint: Usage: vtmigrate ${command} `);
const oneDot = "The target keyspace and the workflow's name, with one dot between them: commerce.wf";

describe("Migrate", () => {
  // Those that vtctlclient v22.0.3 was recorded with say the same words.
  it.concurrent.each<[line: string, typed: string, code: number, hint: string | RegExp]>([
    ["Migrate", "Migrate", 2, usage("Migrate")],
    ["Migrate Create", "Migrate Create", 2, usage("Migrate")],
    ["Migrate -all Create commerce.new", "Migrate --all Create commerce.wf", 2, "-source <mount>.<keyspace>"],
    [
      "Migrate -source ext1.commerce Create commerce.new",
      "Migrate --source ext1.commerce Create commerce.wf",
      2,
      "-all, or -tables a,b",
    ],
    [
      "Migrate -source ext1 -all Create commerce.new",
      "Migrate --source ext1 --all Create commerce.wf",
      2,
      "-source <mount>.<keyspace>, exactly one dot",
    ],
    [
      "Migrate -source nope.commerce -all Create commerce.new",
      "Migrate --source nope.commerce --all Create commerce.wf",
      6,
      "Mounted: ext1.",
    ],
    [
      "Migrate -source ext1.nope -all Create commerce.new",
      "Migrate --source ext1.nope --all Create commerce.wf",
      6,
      /^Hint: keyspace nope not found; etcd2 \S+ \S+ has commerce$/,
    ],
    [
      "Migrate -source ext1.commerce -tables nope,product Create commerce.new",
      "Migrate --source ext1.commerce --tables nope,product Create commerce.wf",
      6,
      "It has corder, customer, kinds, notes, product.",
    ],
    [
      "Migrate -source ext1.commerce -all -exclude nope Create commerce.new",
      "Migrate --source ext1.commerce --all --exclude nope Create commerce.wf",
      6,
      "It has corder, customer, kinds, notes, product.",
    ],
    [
      "Migrate -source ext1.commerce -all Create nope.wf",
      "Migrate --source ext1.commerce --all Create nope.wf",
      6,
      /^Hint: keyspace nope not found; etcd2 \S+ \S+ has commerce$/,
    ],
    ["Migrate -source ext1.commerce -all Create wf", "Migrate --source ext1.commerce --all Create wf", 2, oneDot],
    [
      "Migrate -source ext1.commerce -all Frobnicate commerce.wf",
      "Migrate --source ext1.commerce --all Frobnicate commerce.wf",
      2,
      "One of Create, Complete and Cancel.",
    ],
    [
      "Migrate -source ext1.commerce -all SwitchTraffic commerce.wf",
      "Migrate --source ext1.commerce --all SwitchTraffic commerce.wf",
      2,
      /^Hint: Migrate copies one way/,
    ],
    [
      "Migrate -all -source ext1.commerce Create commerce.wf",
      "Migrate --all --source ext1.commerce Create commerce.wf",
      7,
      /^Hint: Choose another name than commerce\.wf/,
    ],
  ])("%s", async (line, typed, code, hint) => {
    const { stdout } = recorded(recording, typed);
    expectFailure(await lab.type(line), code, stdout.trimEnd().replace("rpc error: code = Unknown desc = ", ""), hint);
  });

  it.concurrent.each<[line: string, code: number, sentence: string | RegExp, hint?: string | RegExp]>([
    [
      "Migrate Create commerce.new extra",
      2,
      "Migrate Error: two arguments are needed: action, keyspace.workflow",
      usage("Migrate"),
    ],
    ["Migrate Creat commerce.wf", 2, "Migrate Error: invalid action for Migrate: creat", "Did you mean Create?"],
    ["Migrate Show commerce.wf", 2, "Migrate Error: invalid action for Migrate: show", /^Hint: The Workflow command/],
    ["Migrate -al Create commerce.new", 2, "Migrate Error: unknown flag: --al", "Did you mean -all?"],
    [
      "Migrate -frobnicate Create commerce.new",
      2,
      "Migrate Error: unknown flag: --frobnicate",
      'Run "vtmigrate help Migrate" to see the flags.',
    ],
    [
      "Migrate -timeout 3 Complete commerce.wf",
      2,
      'Migrate Error: invalid argument "3" for "--timeout" flag: time: missing unit in duration "3"',
      /^Hint: A number and its unit/,
    ],
    [
      "Migrate -timeout=-3s Complete commerce.wf",
      2,
      'Migrate Error: invalid argument "-3s" for "--timeout" flag: must not be negative',
      /^Hint: A number and its unit/,
    ],
    [
      "Migrate -all=maybe -source ext1.commerce Create commerce.new",
      2,
      'Migrate Error: invalid argument "maybe" for "--all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
      "Write -all or -all=false.",
    ],
    [
      "Migrate -all -source ext1.commerce Create a.b.c",
      2,
      "Migrate Error: invalid format for <keyspace.workflow>: a.b.c",
      oneDot,
    ],
    [
      "Migrate -all -source ext1.commerce Create commerce.",
      2,
      "Migrate Error: invalid format for <keyspace.workflow>: commerce.",
      oneDot,
    ],
    [
      "Migrate -all -source ext1.commerce Create .wf",
      2,
      "Migrate Error: invalid format for <keyspace.workflow>: .wf",
      oneDot,
    ],
    [
      "Migrate -all -source ext1.commerce Create commerce.a/b",
      2,
      "Migrate Error: invalid format for <keyspace.workflow>: commerce.a/b",
      oneDot,
    ],
    [
      "Migrate -all -source ext1.commerce.x Create commerce.new",
      2,
      "Migrate Error: invalid format for external source cluster: ext1.commerce.x",
      "-source <mount>.<keyspace>, exactly one dot",
    ],
    [
      "Migrate -tables {bad -source ext1.commerce Create commerce.new",
      2,
      "Migrate Error: -tables: proto: syntax error (line 1:2): invalid value bad",
      /^Hint: Example: -tables '\{/,
    ],
    [
      "Migrate -all -on-ddl FOO -source ext1.commerce Create commerce.new",
      2,
      "Migrate Error: invalid value for on-ddl: FOO",
      "One of IGNORE, STOP, EXEC, EXEC_IGNORE.",
    ],
    [
      "Migrate -all -wait -auto_start=false -source ext1.commerce Create commerce.new",
      2,
      "Migrate Error: -wait needs started streams, and -auto_start is off",
    ],
    [
      "Migrate -all -source_shards -80 -source ext1.commerce Create commerce.new",
      6,
      "Migrate Error: no shard -80 in target keyspace commerce",
      /the target has 0\.$/,
    ],
    [
      "Migrate -tables customer -cells nope -source ext1.commerce Create commerce.new",
      6,
      "Migrate Error: no cell nope in the source cluster",
      /^Hint: .* has zx\.$/,
    ],
    [
      "Migrate -all -source ext1.commerce Create commerce.new",
      7,
      "Migrate Error: workflow commerce.wf fills customer, product on 0/zone1-0000000100",
      /^Hint: End that workflow first/,
    ],
    [
      "Migrate Complete commerce.nope",
      6,
      "Migrate Error: workflow commerce.nope does not exist",
      "Workflows in keyspace commerce: wf.",
    ],
    [
      "Migrate Complete commerce.done",
      6,
      "Migrate Error: workflow commerce.done does not exist",
      "Workflows in keyspace commerce: wf.",
    ],
    [
      "Migrate Cancel commerce.nope",
      6,
      "Migrate Error: workflow commerce.nope does not exist",
      "Workflows in keyspace commerce: wf.",
    ],
    [
      "Migrate Complete nope.wf",
      6,
      "Migrate Error: node doesn't exist: /vitess/global/keyspaces/nope/Keyspace",
      /has commerce$/,
    ],
    [
      "Migrate Cancel nope.wf",
      6,
      "Migrate Error: node doesn't exist: /vitess/global/keyspaces/nope/Keyspace",
      /has commerce$/,
    ],
    ["Migrat Complete commerce.wf", 2, "Migrat Error: unknown command", "Did you mean Migrate?"],
  ])("%s", async (line, code, sentence, hint) => {
    expectFailure(await lab.type(line), code, sentence, hint);
  });
});

describe("Workflow", () => {
  const complaint =
    "Workflow Error: usage: Workflow [-shards <shards>] [-dry-run] [-cells <cells>] [-tablet-types <types>] [-on-ddl <action>] <keyspace>[.<workflow>] <show|listall|start|stop|update|delete|tags [<tags>]|doctor>";

  it.concurrent.each<[line: string, code: number, sentence: string | RegExp, hint?: string | RegExp]>([
    ["Workflow", 2, complaint],
    ["Workflow commerce.wf", 2, complaint],
    ["Workflow commerce.wf show more", 2, complaint],
    [
      "Workflow commerce.wf frobnicate",
      2,
      "Workflow Error: invalid action found: frobnicate",
      "One of show, listall, start, stop, update, delete, tags, doctor.",
    ],
    ["Workflow commerce.wf shwo", 2, "Workflow Error: invalid action found: shwo", "Did you mean show?"],
    ["Workflow commerce show", 2, "Workflow Error: invalid format for <keyspace.workflow>: commerce", oneDot],
    ["Workflow a.b.c stop", 2, "Workflow Error: invalid format for <keyspace.workflow>: a.b.c", oneDot],
    ["Workflow commerce. delete", 2, "Workflow Error: invalid format for <keyspace.workflow>: commerce.", oneDot],
    ["Workflow .wf start", 2, "Workflow Error: invalid format for <keyspace.workflow>: .wf", oneDot],
    ["Workflow .wf listall", 2, "Workflow Error: invalid format for <keyspace.workflow>: .wf"],
    [
      "Workflow -frobnicate commerce.wf show",
      2,
      "Workflow Error: unknown flag: --frobnicate",
      'Run "vtmigrate help Workflow" to see the flags.',
    ],
    ["Workflow nope.wf show", 6, "Workflow Error: no shards found in keyspace nope", /has keyspaces commerce\.$/],
    ["Workflow nope listall", 6, "Workflow Error: no shards found in keyspace nope", /has keyspaces commerce\.$/],
  ])("%s", async (line, code, sentence, hint) => {
    expectFailure(await lab.type(line), code, sentence, hint);
  });

  it.concurrent.each(["show", "start", "stop", "delete"])("an unknown workflow: %s", async (action) => {
    const { stdout } = recorded(recording, "Workflow commerce.nope show");
    const sentence = stdout.trimEnd().replace("rpc error: code = Unknown desc = ", "");
    expectFailure(
      await lab.type(`Workflow commerce.nope ${action}`),
      6,
      sentence,
      "Workflows in keyspace commerce: wf.",
    );
  });
});

describe("VDiff", () => {
  it.concurrent.each<[line: string, code: number, sentence: string | RegExp, hint?: string | RegExp]>([
    ["VDiff", 2, "VDiff Error: <keyspace.workflow> is required", usage("VDiff")],
    ["VDiff commerce", 2, "VDiff Error: invalid format for <keyspace.workflow>: commerce", oneDot],
    ["VDiff a.b.c", 2, "VDiff Error: invalid format for <keyspace.workflow>: a.b.c", oneDot],
    ["VDiff commerce.", 2, "VDiff Error: invalid format for <keyspace.workflow>: commerce.", oneDot],
    ["VDiff .wf", 2, "VDiff Error: invalid format for <keyspace.workflow>: .wf", oneDot],
    [
      "VDiff -frobnicate commerce.wf",
      2,
      "VDiff Error: unknown flag: --frobnicate",
      'Run "vtmigrate help VDiff" to see the flags.',
    ],
    ["VDiff nope.wf", 6, "VDiff Error: no shards found in keyspace nope", /has keyspaces commerce\.$/],
  ])("%s", async (line, code, sentence, hint) => {
    expectFailure(await lab.type(line), code, sentence, hint);
  });

  it.concurrent.each<[line: string, code: number, sentence: string]>([
    [
      "VDiff commerce.wf frobnicate",
      2,
      "VDiff Error: usage: VDiff -- <keyspace>.<workflow> create|show|stop|resume|delete [all|last|<UUID>]",
    ],
    [
      "VDiff commerce.wf create 11111111-2222-3333-4444-555555555555 more",
      2,
      "VDiff Error: usage: VDiff -- <keyspace>.<workflow> create|show|stop|resume|delete [all|last|<UUID>]",
    ],
    ["VDiff commerce.nope", 6, "VDiff Error: no streams found in keyspace commerce for nope"],
    [
      "VDiff -tables nope commerce.wf",
      6,
      "VDiff Error: one or more tables provided are not present in the workflow: nope",
    ],
    ["VDiff -tablet_types SLAVE commerce.wf", 2, "VDiff Error: unknown TabletType SLAVE"],
  ])("%s", async (line, code, sentence) => {
    const result = await lab.type(line);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "" });
    expect(result.stderr.split("\n")[0]).toBe(sentence);
    expect(result.stderr).not.toContain("    at ");
  });
});

it("none of it changed anything", async () => {
  expect(await lab.everything()).toEqual(before);
});
