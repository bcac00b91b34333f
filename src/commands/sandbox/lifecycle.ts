import { isSharded, type KeyspaceShape } from "../../sandbox/cluster/shape.js";
import type { Sandbox } from "../../sandbox/cluster.js";
import { shardedCommerce } from "../../sandbox/commerce-vschema.js";
import { mountWords } from "./open.js";

/** One command of the documented lifecycle. */
export interface LifecycleCommand {
  words: string[];
  /** Where its output goes. */
  file?: string;
}

export interface Lifecycle {
  /** Up to the workflow that copies. */
  prepare: LifecycleCommand[];
  create: LifecycleCommand;
  show: LifecycleCommand;
  vdiff: LifecycleCommand;
  complete: LifecycleCommand;
  finish: LifecycleCommand[];
  /** "commerce.wf" */
  workflow: string;
}

/**
 * The commands that move a sandbox's source keyspace into its target. A sharded target needs a VSchema with vindexes
 * before Create: the source's own when that is sharded, else one that is written for it. An unsharded target takes an
 * unsharded source's VSchema at the end; a sharded one's would not fit it.
 */
export function lifecycleOf(sandbox: Sandbox): Lifecycle {
  const [source, target] = [keyspaceOf(sandbox, "source"), keyspaceOf(sandbox, "target")];
  const mounted = `ext1.${source.name}`;
  const workflow = `${target.name}.wf`;
  const file = `${source.name}Vschema.json`;
  const copyVschema: LifecycleCommand[] = [
    { words: ["GetVSchema", mounted], file },
    { words: ["ApplyVSchema", "-vschema_file", file, target.name] },
  ];
  const writeVschema = [{ words: ["ApplyVSchema", "-vschema", JSON.stringify(shardedCommerce), target.name] }];
  const ofSharded = source.sharded ? copyVschema : writeVschema;
  return {
    prepare: [{ words: mountWords(sandbox) }, ...(target.sharded ? ofSharded : [])],
    create: { words: ["Migrate", "-all", "-source", mounted, "Create", workflow] },
    show: { words: ["Workflow", workflow, "Show"] },
    vdiff: { words: ["VDiff", workflow] },
    complete: { words: ["Migrate", "Complete", workflow] },
    finish: [...(target.sharded || source.sharded ? [] : copyVschema), { words: ["Mount", "-unmount", "ext1"] }],
    workflow,
  };
}

/** As a shell takes it: "vtmigrate VDiff commerce.wf". */
export function commandLine({ words, file }: LifecycleCommand): string {
  const quoted = words.map((word) => (/^[\w./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`));
  return `vtmigrate ${quoted.join(" ")}${file === undefined ? "" : ` > ${file}`}`;
}

/** The keyspace of a side, which in a sandbox of this command has one. */
export function keyspaceOf(sandbox: Sandbox, side: "source" | "target"): { name: string; sharded: boolean } {
  const [keyspace] = sandbox[side].shape.keyspaces as [KeyspaceShape];
  return { name: keyspace.name, sharded: isSharded(keyspace.shards.map(({ name }) => name)) };
}
