import { once } from "node:events";
import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import type { Application } from "../../sandbox/application.js";
import type { Cluster } from "../../sandbox/cluster/start-cluster.js";
import type { Sandbox } from "../../sandbox/cluster.js";
import { commandLine, keyspaceOf, lifecycleOf } from "./lifecycle.js";
import { environment, type OpenOptions, openSandbox, readSandboxOptions } from "./open.js";

export interface UpOptions extends OpenOptions {
  writes: boolean;
  seed: number;
}

export interface UpResult {
  stopped: true;
  /** What the application did, when -writes was given. */
  writes?: { inserts: number; updates: number; deletes: number };
}

/**
 * Keeps two clusters running until the signal, and stops everything. Ctrl-C is how it ends: no error.
 * With `json` the addresses come as one JSON object on a line when everything is ready.
 */
export async function runUp(options: UpOptions, ctx: Context, json: boolean): Promise<UpResult> {
  const sandbox = await openSandbox(await readSandboxOptions(options));
  let application: Application | undefined;
  try {
    application = options.writes ? await write(sandbox, options.seed, ctx.io) : undefined;
    if (json) ctx.io.print(JSON.stringify(addresses(sandbox)));
    else announce(sandbox, options, ctx.io);
    if (!ctx.signal.aborted) await once(ctx.signal, "abort");
    const writes = await application?.stop();
    return { stopped: true, ...(writes === undefined ? {} : { writes }) };
  } finally {
    await application?.stop();
    await sandbox.close();
  }
}

async function write(sandbox: Sandbox, seed: number, io: Io): Promise<Application> {
  const { startApplication } = await import("../../sandbox/application.js");
  const onFailure = (error: Error) => io.warn(`the application stopped writing: ${error.message}`);
  const { name: database, sharded: ownIds } = keyspaceOf(sandbox, "source");
  return startApplication({ port: sandbox.source.vtgatePort, database, seed, ownIds, onFailure });
}

function addresses(sandbox: Sandbox): object {
  const cluster = ({ etcd, topoRoot, cells, vtgatePort, tablets, shape }: Cluster) => ({
    etcd,
    topoRoot,
    cells,
    vtgate: `127.0.0.1:${vtgatePort}`,
    keyspaces: shape.keyspaces.map(({ name, shards }) => ({ name, shards: shards.map((shard) => shard.name) })),
    tablets: tablets.map(({ alias, keyspace, shard, type, port }) => {
      return { alias, keyspace, shard, type, grpc: `127.0.0.1:${port}` };
    }),
  });
  return { source: cluster(sandbox.source), target: cluster(sandbox.target), environment: environment(sandbox) };
}

function announce(sandbox: Sandbox, options: UpOptions, io: Io): void {
  io.print("# The target cluster, for vtmigrate:");
  for (const [name, value] of Object.entries(environment(sandbox))) io.print(`export ${name}=${value}`);
  io.print("");
  const [source, target] = [keyspaceOf(sandbox, "source"), keyspaceOf(sandbox, "target")];
  io.print("# The lifecycle, to paste line by line:");
  if (target.sharded)
    io.print("# (the target keyspace is sharded: ApplyVSchema gives its tables vindexes before Create)");
  for (const line of lifecycle(sandbox)) io.print(line);
  io.print("");
  io.print("# Any MySQL client, any user:");
  io.print(`#   source  mysql -h 127.0.0.1 -P ${sandbox.source.vtgatePort} -u app ${source.name}`);
  io.print(`#   target  mysql -h 127.0.0.1 -P ${sandbox.target.vtgatePort} -u app ${target.name}`);
  if (options.writes) io.print("# An application keeps writing to the source.");
  io.note("Both clusters are running. Ctrl-C stops them.");
}

/** VDiff twice: the second time after the application has stopped writing. */
function lifecycle(sandbox: Sandbox): string[] {
  const { prepare, create, show, vdiff, complete, finish } = lifecycleOf(sandbox);
  return [...prepare, create, show, vdiff, vdiff, complete, ...finish].map(commandLine);
}
