import { defineCommand, duration, flag, integer, list, text } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { type DemoResult, runDemo, viewDemo } from "./demo.js";
import { runUp, type UpResult } from "./up.js";

export type SandboxResult = UpResult | DemoResult;

/** Two small Vitess clusters in this process: to try the lifecycle by hand, or to watch it being run. */
export const sandbox = defineCommand({
  name: "sandbox",
  summary: "Run two small Vitess clusters here: up keeps them running, demo tells the whole story.",
  usage:
    "[-source_shards -80,80-] [-target_shards -80,80-] [-source_keyspace ks] [-target_keyspace ks] [-vitess_version v22] [-source_version v11] [-target_version v22] [-rows n] {[-source_etcd_port n] [-target_etcd_port n] [-source_vtgate_port n] [-target_vtgate_port n] [-free_ports] [-lag 0s] [-writes] up | demo}",
  examples: [
    "sandbox up",
    "sandbox -free_ports -rows 10000 up",
    "sandbox demo",
    "sandbox -target_shards -80,80- demo",
    "sandbox -source_shards -80,80- -target_shards -40,40-80,80- -target_keyspace shop -source_version v11 up",
  ],
  args: { min: 1, max: 1, complaint: "one action is needed: up or demo" },
  options: {
    sourceEtcdPort: integer("port of the source cluster's etcd", 12379),
    targetEtcdPort: integer("port of the target cluster's etcd", 2379),
    sourceVtgatePort: integer("port of the source cluster's vtgate, for MySQL clients", 25306),
    targetVtgatePort: integer("port of the target cluster's vtgate, for MySQL clients", 15306),
    freePorts: flag("take free ports instead, so that several sandboxes can run"),
    vitessVersion: text("which Vitess the tablets behave like: v11, v14, v16, v18, v22 or main", "v22"),
    sourceVersion: text("which one the source's tablets do, when not -vitess_version"),
    targetVersion: text("which one the target's tablets do, when not -vitess_version"),
    sourceShards: list("shards of the source keyspace, -80,80- for example; default: 0, no sharding"),
    targetShards: list("shards of the target keyspace; default: 0, no sharding"),
    sourceKeyspace: text("name of the source keyspace", "commerce"),
    targetKeyspace: text("name of the target keyspace", "commerce"),
    rows: integer("customers in the source, and as many orders", 100),
    lag: duration("how far the source's replica stays behind its primary", 0),
    writes: flag("an application keeps writing to the source"),
    seed: integer("what the application's writes follow from", 1, { hidden: true }),
  },
  async run({ args, options, json }, ctx: Context): Promise<SandboxResult> {
    for (const [name, value] of Object.entries(options)) {
      if (typeof value === "number" && (value < 0 || (name.endsWith("Port") && value > 65_535))) {
        throw new UsageError(`${value} is out of range for ${spelling(name)}`);
      }
    }
    const action = args[0]?.toLowerCase();
    if (action === "up") return runUp(options, ctx, json === true);
    if (action === "demo") return runDemo(options, ctx);
    throw new UsageError(`invalid action for sandbox: ${args[0]}`, { hint: "The actions are up and demo." });
  },
  view(result: SandboxResult, io: Io): void {
    if ("demo" in result) viewDemo(result, io);
  },
  exitCode: (result: SandboxResult) => ("demo" in result && !result.demo.equal ? 1 : 0),
});

function spelling(key: string): string {
  return `-${key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`;
}
