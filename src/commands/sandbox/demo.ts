import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../context.js";
import { FailedError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import type { Application } from "../../sandbox/application.js";
import type { Sandbox } from "../../sandbox/cluster.js";
import { type Comparison, compareTables } from "./compare.js";
import { environment, mountWords, type OpenOptions, openSandbox } from "./open.js";
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
  const folder = await mkdtemp(join(tmpdir(), "vtmigrate-demo-"));
  const closers = [() => rm(folder, { recursive: true, force: true })];
  try {
    ctx.io.print("# Two Vitess clusters start, each with etcd, tablets and a vtgate.");
    const sandbox = await openSandbox({ ...options, freePorts: true });
    closers.push(() => sandbox.close());
    ctx.signal.throwIfAborted();
    const { startApplication } = await import("../../sandbox/application.js");
    const { vtgatePort } = sandbox.source;
    const application = await startApplication({ port: vtgatePort, database: "commerce", seed: options.seed });
    closers.push(async () => void (await application.stop()));
    const writes = await new Story(sandbox, application, folder, ctx).tell();
    const tables = await compareTables(vtgatePort, sandbox.target.vtgatePort, ctx.signal);
    const seconds = (ctx.clock.now().getTime() - started) / 1000;
    return { demo: { equal: tables.every((table) => table.equal), writes, tables, seconds } };
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

class Story {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly application: Application,
    private readonly folder: string,
    private readonly ctx: Context,
  ) {}

  /** What the application wrote. */
  async tell(): Promise<DemoResult["demo"]["writes"]> {
    this.say("An application writes to the source: rows are inserted, updated and deleted all the time.");
    await this.run(...mountWords(this.sandbox));
    await this.run("Migrate", "-all", "-source", "ext1.commerce", "Create", "commerce.wf");
    await this.run("Workflow", "commerce.wf", "Show");
    await this.copied();
    await this.run("VDiff", "commerce.wf");
    const writes = await this.application.stop();
    if (this.application.failure !== undefined) {
      throw new FailedError(`the application failed: ${this.application.failure.message}`);
    }
    const { inserts, updates, deletes } = writes;
    this.say(`The application stops: it made ${inserts} inserts, ${updates} updates and ${deletes} deletes.`);
    await this.run("VDiff", "commerce.wf");
    await this.run("Migrate", "Complete", "commerce.wf");
    await this.save("commerceVschema.json", "GetVSchema", "ext1.commerce");
    await this.run("ApplyVSchema", "-vschema_file", "commerceVschema.json", "commerce");
    await this.run("Mount", "-unmount", "ext1");
    return writes;
  }

  private say(sentence: string): void {
    this.ctx.io.print("");
    this.ctx.io.print(`# ${sentence}`);
  }

  private async run(...words: string[]): Promise<void> {
    this.ctx.io.print("");
    this.ctx.io.print(`$ vtmigrate ${words.join(" ")}`);
    const exitCode = await this.type(words, { stdout: (text) => this.ctx.io.write(text) });
    if (exitCode !== 0) throw new FailedError(`vtmigrate ${words.join(" ")} ended with exit code ${exitCode}`);
  }

  private async save(file: string, ...words: string[]): Promise<void> {
    this.ctx.io.print("");
    this.ctx.io.print(`$ vtmigrate ${words.join(" ")} > ${file}`);
    const exitCode = await this.type(words, { stdoutFile: join(this.folder, file) });
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
    const show = await this.type(["Workflow", "-json", "commerce.wf", "Show"], { stdout: (part) => (text += part) });
    if (show !== 0) throw new FailedError(`vtmigrate Workflow commerce.wf Show ended with exit code ${show}`);
    return copyStates(JSON.parse(text)).length === 0;
  }

  private async type(
    words: string[],
    output: { stdout: (text: string) => void } | { stdoutFile: string },
  ): Promise<number> {
    this.ctx.signal.throwIfAborted();
    return typeCommand(words, {
      cwd: this.folder,
      env: { ...process.env, ...environment(this.sandbox) },
      stderr: (line) => this.ctx.io.note(line),
      signal: this.ctx.signal,
      ...output,
    });
  }
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
