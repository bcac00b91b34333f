import { describe, expect, it } from "vitest";
import { type AnyCommand, defineCommand, flag, text } from "../../../src/cli/command.js";
import type { Program } from "../../../src/cli/program.js";
import { runProgram } from "../../../src/cli/run.js";
import { FailedError, InterruptedError, NotFoundError } from "../../../src/errors.js";
import { captureIo } from "../../support/fake-streams.js";

interface Ctx {
  signal: AbortSignal;
  print(line: string): void;
}

interface Trace {
  loaded: string[];
  opened: number;
  closed: number;
  logged: unknown[];
}

const globals = { root: text("where", "", { spelling: "topo_root" }) };

function echo(run: (args: string[], ctx: Ctx) => Promise<unknown>): AnyCommand<Ctx> {
  return defineCommand({
    name: "Echo",
    summary: "Say it again.",
    usage: "[-loud] <word>",
    examples: ["Echo hello"],
    args: { min: 1, max: 1, complaint: "one word is needed" },
    options: { loud: flag("say it louder"), dryRun: flag("", false, { spelling: "dry-run", hidden: true }) },
    run: ({ args }, ctx: Ctx) => run(args, ctx),
    view: (result, io) => io.print(`viewed ${String(result)}`),
    exitCode: (result) => (result === "differs" ? 3 : 0),
  });
}

async function run(words: string[], behaviour?: (args: string[], ctx: Ctx) => Promise<unknown>, signal?: AbortSignal) {
  const trace: Trace = { loaded: [], opened: 0, closed: 0, logged: [] };
  const entry = (name: string, command: AnyCommand<Ctx>) => ({
    name,
    summary: command.summary,
    load: async () => {
      trace.loaded.push(name);
      return command;
    },
  });
  const program: Program<Ctx, typeof globals> = {
    name: "tool",
    summary: "A tool.",
    globals,
    commands: [
      entry("Echo", echo(behaviour ?? (async ([word]) => word))),
      entry(
        "Other",
        echo(async () => undefined),
      ),
    ],
    topics: [{ name: "exit-codes", summary: "numbers", load: async () => "0 done\n" }],
    version: () => "1.2.3",
    async open(request) {
      trace.opened++;
      return {
        ctx: { signal: request.signal, print: (line) => request.io.print(line) },
        logEnd: (_exitCode, error) => {
          if (error !== undefined) trace.logged.push(error);
        },
        close: () => {
          trace.closed++;
        },
      };
    },
  };
  const { io, stdout, stderr } = captureIo();
  const exitCode = await runProgram(program, { words, io, signal: signal ?? new AbortController().signal });
  return { exitCode, stdout: stdout.text, stderr: stderr.text, trace };
}

describe("commands", () => {
  it("are matched in any case, run and viewed", async () => {
    const { exitCode, stdout, stderr, trace } = await run(["eCHO", "hello"]);
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 0, stdout: "viewed hello\n", stderr: "" });
    expect(trace).toMatchObject({ loaded: ["Echo"], opened: 1, closed: 1 });
  });

  it("give the exit code of their result", async () => {
    expect((await run(["Echo", "x"], async () => "differs")).exitCode).toBe(3);
  });

  it("print their result itself with -json", async () => {
    const { stdout } = await run(["Echo", "x", "-json"], async () => {
      return { b: 1n, a: [true], left: undefined };
    });
    expect(stdout).toBe('{\n  "b": 1,\n  "a": [\n    true\n  ]\n}\n');
  });

  it("echo their name as typed in errors, with the hint on a line of its own", async () => {
    const { exitCode, stdout, stderr, trace } = await run(["ECHO", "x"], async () => {
      throw new NotFoundError("there is no x", { hint: "Try y." });
    });
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 6,
      stdout: "",
      stderr: "ECHO Error: there is no x\nHint: Try y.\n",
    });
    expect(trace.closed).toBe(1);
  });

  it("put the error on one line of stderr with -json", async () => {
    const { exitCode, stdout, stderr } = await run(["-json", "Echo", "x"], async () => {
      throw new FailedError("no\nluck");
    });
    expect(exitCode).toBe(1);
    expect(stdout).toBe("");
    expect(JSON.parse(stderr)).toEqual({ error: { code: "failed", message: "no\nluck", exit_code: 1 } });
  });

  it("show one sentence of an unforeseen error, and log its stack", async () => {
    const bug = new TypeError("x is undefined\nat line 3");
    const { exitCode, stderr, trace } = await run(["Echo", "x"], async () => {
      throw bug;
    });
    expect(exitCode).toBe(1);
    expect(stderr.split("\n")[0]).toBe("Echo Error: x is undefined");
    expect(stderr).not.toContain("at line 3");
    expect(trace.logged).toEqual([bug]);
  });
});

describe("bad command lines", () => {
  it.each([
    [["Ecko", "x"], "Ecko Error: unknown command\nHint: Did you mean Echo?\n"],
    [["zzzzzz"], 'zzzzzz Error: unknown command\nHint: Run "tool help" to see the commands.\n'],
    [[], 'tool Error: no command was specified\nHint: Run "tool help" to see the commands.\n'],
    [["--rooot", "x", "Echo"], 'tool Error: unknown flag: --rooot\nHint: Run "tool help" to see the flags.\n'],
    [["Echo"], "Echo Error: one word is needed\nHint: Usage: tool Echo [-loud] <word>\n"],
    [["Echo", "--lod", "x"], "Echo Error: unknown flag: --lod\nHint: Did you mean -loud?\n"],
    [["help", "a", "b"], 'tool Error: help takes one word: a command or a topic\nHint: Run "tool help".\n'],
    [["help", "Ehco"], "Ehco Error: unknown command\nHint: Did you mean Echo?\n"],
  ])("%j", async (words, stderr) => {
    const result = await run(words);
    expect({ ...result, trace: result.trace.opened }).toEqual({ exitCode: 2, stdout: "", stderr, trace: 0 });
  });
});

describe("help and version", () => {
  it("lists commands, topics and flags without loading a command", async () => {
    for (const words of [["help"], ["-h"], ["--help"], ["-help"], ["HELP"]]) {
      const { exitCode, stdout, trace } = await run(words);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^ {2}Echo +Say it again\.$/m);
      expect(stdout).toMatch(/^ {2}-topo_root string +where$/m);
      expect(stdout).toMatch(/tool help exit-codes +numbers/);
      expect(trace).toMatchObject({ loaded: [], opened: 0 });
    }
  });

  it("shows a command's usage, flags and examples and opens nothing", async () => {
    for (const words of [
      ["help", "echo"],
      ["Echo", "-h"],
      ["Echo", "--help"],
      ["-help", "Echo"],
      ["Echo", "x", "-help"],
    ]) {
      const { exitCode, stdout, trace } = await run(words);
      expect(exitCode).toBe(0);
      expect(stdout).toContain("Usage: tool Echo [-loud] <word>\n");
      expect(stdout).toMatch(/^ {2}-loud +say it louder$/m);
      expect(stdout).toContain("Examples:\n  tool Echo hello\n");
      expect(stdout).not.toContain("dry-run");
      expect(new Set(trace.loaded)).toEqual(new Set(["Echo"]));
      expect(trace.opened).toBe(0);
    }
  });

  it("shows topics and the version", async () => {
    expect((await run(["help", "exit-codes"])).stdout).toBe("0 done\n");
    for (const words of [["version"], ["--version"], ["-version"]]) {
      expect((await run(words)).stdout).toBe("tool 1.2.3\n");
    }
  });
});

describe("time and interrupts", () => {
  const untilAborted = (_: string[], ctx: Ctx) =>
    new Promise((_resolve, reject) => {
      ctx.signal.addEventListener("abort", () => reject(ctx.signal.reason));
    });

  it("ends with 8 when -action_timeout is over", async () => {
    const { exitCode, stderr } = await run(["Echo", "-action_timeout", "20ms", "x"], untilAborted);
    expect(exitCode).toBe(8);
    expect(stderr).toContain("Echo Error: Echo was not done within 20ms\n");
  });

  it("ends with 130 when interrupted, whatever the command made of it", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new InterruptedError("interrupted by SIGINT")), 20);
    const clumsy = (args: string[], ctx: Ctx) =>
      untilAborted(args, ctx).catch(() => {
        throw new Error("The operation was aborted");
      });
    const { exitCode, stderr } = await run(["Echo", "x"], clumsy, controller.signal);
    expect(exitCode).toBe(130);
    expect(stderr).toBe("Echo Error: interrupted by SIGINT\n");
  });
});
