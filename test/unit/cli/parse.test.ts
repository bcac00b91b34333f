import { describe, expect, it } from "vitest";
import { defineCommand, duration, flag, integer, list, text } from "../../../src/cli/command.js";
import { type Parsed, parseCommandLine } from "../../../src/cli/parse.js";
import { UsageError } from "../../../src/errors.js";

const globals = { topoRoot: text("", "", { spelling: "topo_global_root" }), v: integer("", 0) };

const command = defineCommand({
  name: "Migrate",
  summary: "",
  usage: "<action> <ks.wf>",
  examples: [],
  args: { min: 2, max: 2, complaint: "two arguments are needed: action, keyspace.workflow" },
  options: {
    all: flag(""),
    autoStart: flag("", true),
    noRoutingRules: flag("", false, { spelling: "no-routing-rules" }),
    routingRules: flag(""),
    onDdl: text("", "IGNORE", { spelling: "on-ddl" }),
    source: text(""),
    cells: list(""),
    timeout: duration("", 30_000),
    limit: integer("", 10),
    hidden: flag("", false, { hidden: true }),
  },
  run: async () => undefined,
  view() {},
});

function parse(line: string | string[], before: string[] = []): Parsed {
  const after = typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line;
  return parseCommandLine({ program: "vtmigrate", globals, command, before, after });
}

function failure(line: string | string[]): { message: string; hint: string | undefined } {
  try {
    parse(line);
  } catch (error) {
    if (error instanceof UsageError) return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error(`${String(line)} was accepted`);
}

describe("spellings of v11 to v22", () => {
  it.each([
    ["-all -source ext1.commerce Create commerce.wf"],
    ["--all --source ext1.commerce Create commerce.wf"],
    ["-- --all --source ext1.commerce Create commerce.wf"],
    ["--all --source=ext1.commerce -- Create commerce.wf"],
    ["Create commerce.wf -all -source ext1.commerce"],
    ["Create -all commerce.wf --source=ext1.commerce"],
    ["Create -- commerce.wf -all -source ext1.commerce"],
    ["-all=true -source=ext1.commerce Create commerce.wf"],
    ["-all=T -source ext1.commerce Create commerce.wf"],
  ])("%s", (line) => {
    const { input } = parse(line);
    expect(input.args).toEqual(["Create", "commerce.wf"]);
    expect(input.options).toMatchObject({ all: true, source: "ext1.commerce" });
    expect([...input.given].sort()).toEqual(["all", "source"]);
  });

  it.each([
    ["-on-ddl EXEC", { onDdl: "EXEC" }],
    ["--on_ddl=EXEC", { onDdl: "EXEC" }],
    ["-all=false", { all: false }],
    ["--auto_start=false", { autoStart: false }],
    ["--auto-start=0", { autoStart: false }],
    ["--no-routing-rules", { noRoutingRules: true, routingRules: false }],
    ["--no_routing_rules=false", { noRoutingRules: false }],
    ["-timeout 1m30s", { timeout: 90_000 }],
    ["-timeout=0", { timeout: 0 }],
    ["-limit -5", { limit: -5 }],
    // All rows, in Vitess's words.
    ["-limit 9223372036854775807", { limit: Number.MAX_SAFE_INTEGER }],
    ["-source=-x", { source: "-x" }],
    ["-source=", { source: "" }],
    ["-source a=b", { source: "a=b" }],
    ["-cells zone1,zone2 -cells=zone3", { cells: ["zone1", "zone2", "zone3"] }],
    ["-source one -source two", { source: "two" }],
  ])("%s", (flags, expected) => {
    expect(parse(`${flags} Create commerce.wf`).input.options).toMatchObject(expected);
  });

  it("leaves defaults where nothing was typed", () => {
    const { input } = parse("Create commerce.wf");
    expect(input.options).toMatchObject({ all: false, autoStart: true, onDdl: "IGNORE", cells: [], timeout: 30_000 });
    expect(input.given.size).toBe(0);
  });

  it("never lets a boolean take the next word", () => {
    expect(failure("-all false Create commerce.wf").message).toBe(
      "two arguments are needed: action, keyspace.workflow",
    );
  });

  it("takes dashed words as arguments behind a separator only", () => {
    expect(parse("Create -- -80").input.args).toEqual(["Create", "-80"]);
    expect(parse("-- Create -- -all").input.args).toEqual(["Create", "-all"]);
    expect(failure("Create -80")).toEqual({
      message: "unknown flag: -80",
      hint: "A word that starts with a dash goes behind a separator: -- -80",
    });
  });

  it("keeps the words as typed, without the program's flags and the separator", () => {
    const { input, globals: values } = parse(
      "-topo_global_root /x -- --dry_run=false Complete".replace("dry_run", "all").concat(" commerce.wf"),
    );
    expect(input.argv).toEqual(["--all=false", "Complete", "commerce.wf"]);
    expect(values).toMatchObject({ topoRoot: "/x" });
  });

  it("takes the program's flags in front of the command and behind it", () => {
    expect(parse("Create commerce.wf -v 2", ["--topo-global-root=/x"]).globals).toEqual({ topoRoot: "/x", v: 2 });
    expect([...parse("Create commerce.wf", ["-v", "1"]).globalsGiven]).toEqual(["v"]);
  });
});

describe("what is refused", () => {
  it.each([
    ["-nope Create commerce.wf", "unknown flag: --nope", 'Run "vtmigrate help Migrate" to see the flags.'],
    ["--surce x Create commerce.wf", "unknown flag: --surce", "Did you mean -source?"],
    ["--on-dll x Create commerce.wf", "unknown flag: --on-dll", "Did you mean -on-ddl?"],
    ["---all Create commerce.wf", "bad flag syntax: ---all", "One or two dashes, then the flag's name."],
    [
      "-timeout 30 Create commerce.wf",
      'invalid argument "30" for "--timeout" flag: time: missing unit in duration "30"',
      "A number and its unit are needed: -timeout=30s, -timeout=1m30s.",
    ],
    [
      "-timeout 3x Create commerce.wf",
      'invalid argument "3x" for "--timeout" flag: time: unknown unit "x" in duration "3x"',
      undefined,
    ],
    [
      "-limit ten Create commerce.wf",
      'invalid argument "ten" for "--limit" flag: strconv.ParseInt: parsing "ten": invalid syntax',
      undefined,
    ],
    [
      "-limit 99999999999999999999 Create c.wf",
      'invalid argument "99999999999999999999" for "--limit" flag: strconv.ParseInt: parsing "99999999999999999999": value out of range',
      undefined,
    ],
    [
      "-all=maybe Create commerce.wf",
      'invalid argument "maybe" for "--all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
      "Write -all or -all=false.",
    ],
    ["Create", "two arguments are needed: action, keyspace.workflow", "Usage: vtmigrate Migrate <action> <ks.wf>"],
    ["Create commerce.wf more", "two arguments are needed: action, keyspace.workflow", undefined],
  ])("%s", (line, message, hint) => {
    const found = failure(line);
    expect(found.message).toBe(message);
    if (hint !== undefined) expect(found.hint).toBe(hint);
  });

  it("a flag without its value, also when another flag or a separator follows", () => {
    const message = "flag needs an argument: --source";
    expect(failure("Create commerce.wf -source").message).toBe(message);
    expect(failure("-source -all Create commerce.wf").message).toBe(message);
    expect(failure("-source -- Create commerce.wf").message).toBe(message);
  });
});
