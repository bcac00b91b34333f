import { shellWord } from "../../shell-word.js";
import type { Scene } from "./scene.js";

/** Something that a command, of ours or of another tool, has left behind. */
export interface Finding {
  /** "probe_stream": for scripts. */
  kind: string;
  /** "commerce.wf"; absent for what belongs to no workflow. */
  workflow?: string;
  /** A sentence with all names. */
  what: string;
  /** "guessed": there may be a good reason for it, which `because` names. */
  sure: "known" | "guessed";
  /** What makes it known, or what would make the guess wrong. */
  because: string;
  /** What to think about before, or to do instead. */
  advice?: string;
  /** In this order; empty when no command can help. */
  cleanUp: CleanUp[];
}

/** A command that can be pasted as it stands. */
export interface CleanUp {
  /** What runs it: a shell, or a MySQL client. */
  by: "vtmigrate" | "sql" | "etcdctl";
  /** For "sql" the tablet's alias, for "etcdctl" the topology. */
  on?: string;
  command: string;
}

/** One kind of leftover. Asks nobody: the scene has all that is needed. */
export type Check = (scene: Scene) => Finding[];

export function vtmigrate(...words: string[]): CleanUp {
  return { by: "vtmigrate", command: ["vtmigrate", ...words.map(shellWord)].join(" ") };
}

/** `key` is whole, with the topology's root. */
export function deleteKey(topology: string, key: string): CleanUp {
  const path = key.split("/").map((element) => (element === "" ? "" : shellWord(element)));
  return { by: "etcdctl", on: topology, command: `etcdctl del ${path.join("/")}` };
}
