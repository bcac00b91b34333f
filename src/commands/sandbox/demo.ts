import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../context.js";
import { FailedError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import type { Application } from "../../sandbox/application.js";
import type { Sandbox } from "../../sandbox/cluster.js";
import { type Comparison, compareTables } from "./compare.js";
import { commandLine, keyspaceOf, type Lifecycle, type LifecycleCommand, lifecycleOf } from "./lifecycle.js";
import { environment, type OpenOptions, openSandbox, readSandboxOptions } from "./open.js";
import { typeCommand } from "./type-command.js";

export interface DemoResult {
  demo: {
    equal: boolean;
    writes: { inserts: number; updates: number; deletes: number };
    tables: Comparison[];
    seconds: number;
  };
}

const copyTimeoutMs = 30_000;

/**
 * The documented lifecycle: two clusters, an application that writes to the source, and each command as a
 * process of its own. FailedError names the command that failed; whatever happens, clusters, processes
 * and files are gone afterwards.
 */
export async function runDemo(options: OpenOptions & { seed: number }, ctx: Context): Promise<DemoResult> {
  const started = ctx.clock.now().getTime();
  const wanted = await readSandboxOptions({ ...options, freePorts: true });
  const folder = await mkdtemp(join(tmpdir(), "vtmigrate-demo-"));
  const closers = [() => rm(folder, { recursive: true, force: true })];
  try {
    ctx.io.print("# Two Vitess clusters start, each with etcd, tablets and a vtgate.");
    const sandbox = await openSandbox(wanted);
    closers.push(() => sandbox.close());
    ctx.signal.throwIfAborted();
    const { startApplication } = await import("../../sandbox/application.js");
    const { vtgatePort } = sandbox.source;
    const { name: database, sharded: ownIds } = keyspaceOf(sandbox, "source");
    const application = await startApplication({ port: vtgatePort, database, seed: options.seed, ownIds });
    closers.push(async () => void (await application.stop()));
    const writes = await new Story(sandbox, application, folder, ctx).tell();
    const copy = { port: sandbox.target.vtgatePort, keyspace: keyspaceOf(sandbox, "target").name };
    const tables = await compareTables({ port: vtgatePort, keyspace: database }, copy, ctx.signal);
    const seconds = (ctx.clock.now().getTime() - started) / 1000;
    return { demo: { equal: tables.every((table) => table.equal), writes, tables, seconds } };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

class Story {
  private readonly lifecycle: Lifecycle;

  constructor(
    private readonly sandbox: Sandbox,
    private readonly application: Application,
    private readonly folder: string,
    private readonly ctx: Context,
  ) {
    this.lifecycle = lifecycleOf(sandbox);
  }

  /** What the application wrote. */
  async tell(): Promise<DemoResult["demo"]["writes"]> {
    const { prepare, create, show, vdiff, complete, finish } = this.lifecycle;
    this.say("An application writes to the source: rows are inserted, updated and deleted all the time.");
    const [mount, ...vschema] = prepare;
    if (mount !== undefined) await this.run(mount);
    if (vschema.length > 0) this.say("The target keyspace is sharded: its tables need vindexes before rows can come.");
    for (const command of vschema) await this.run(command);
    await this.run(create);
    await this.run(show);
    await this.copied();
    await this.run(vdiff);
    const writes = await this.application.stop();
    if (this.application.failure !== undefined) {
      throw new FailedError(`the application failed: ${this.application.failure.message}`);
    }
    const { inserts, updates, deletes } = writes;
    this.say(`The application stops: it made ${inserts} inserts, ${updates} updates and ${deletes} deletes.`);
    await this.run(vdiff);
    await this.run(complete);
    for (const command of finish) await this.run(command);
    return writes;
  }

  private say(sentence: string): void {
    this.ctx.io.print("");
    this.ctx.io.print(`# ${sentence}`);
  }

  private async run(command: LifecycleCommand): Promise<void> {
    this.ctx.io.print("");
    this.ctx.io.print(`$ ${commandLine(command)}`);
    const { words, file } = command;
    const print = { stdout: (text: string) => this.ctx.io.write(text) };
    const exitCode = await this.type(words, file === undefined ? print : { stdoutFile: join(this.folder, file) });
    if (exitCode !== 0) throw new FailedError(`vtmigrate ${words.join(" ")} ended with exit code ${exitCode}`);
  }

  /** VDiff refuses while rows are still being copied; the story goes on when none is. */
  private async copied(): Promise<void> {
    const end = this.ctx.clock.now().getTime() + copyTimeoutMs;
    while (!(await this.copyIsDone())) {
      if (this.ctx.clock.now().getTime() > end) {
        throw new FailedError(`the copy was not done within ${copyTimeoutMs / 1000} s`);
      }
      await this.ctx.clock.sleep(100, this.ctx.signal);
    }
  }

  private async copyIsDone(): Promise<boolean> {
    let text = "";
    const { workflow } = this.lifecycle;
    const show = await this.type(["Workflow", "-json", workflow, "Show"], { stdout: (part) => (text += part) });
    if (show !== 0) throw new FailedError(`vtmigrate Workflow ${workflow} Show ended with exit code ${show}`);
    return copyStates(JSON.parse(text)).length === 0;
  }

  private async type(
    words: string[],
    output: { stdout: (text: string) => void } | { stdoutFile: string },
  ): Promise<number> {
    this.ctx.signal.throwIfAborted();
    return typeCommand(words, {
      cwd: this.folder,
      env: { ...withoutConnection(process.env), ...environment(this.sandbox), XDG_CONFIG_HOME: this.folder },
      stderr: (line) => this.ctx.io.note(line),
      signal: this.ctx.signal,
      ...output,
    });
  }
}

/** The user's own clusters have no say in the demo. */
function withoutConnection(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("VTMIGRATE_")));
}

/** Every entry of "CopyState" in a Workflow Show document: tables that still have rows to copy. */
function copyStates(document: unknown): unknown[] {
  if (typeof document !== "object" || document === null) return [];
  return Object.entries(document).flatMap(([key, value]) =>
    key === "CopyState" && Array.isArray(value) ? value : copyStates(value),
  );
}

export function viewDemo({ demo }: DemoResult, io: Io): void {
  io.print("");
  io.print("# Read back through both vtgates:");
  const width = Math.max(...demo.tables.map(({ table }) => table.length));
  for (const { table, source, target, equal } of demo.tables) {
    io.print(
      `#   ${table.padEnd(width)}  source ${source} rows, target ${target} rows, ${equal ? "equal" : "DIFFERENT"}`,
    );
  }
  const verdict = demo.equal ? "every row is there" : "rows are missing or differ";
  io.print(`# ${demo.equal ? "Done" : "Failed"} in ${demo.seconds.toFixed(1)} s: ${verdict}.`);
}
