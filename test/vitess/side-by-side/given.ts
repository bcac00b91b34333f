/** States that cases are typed in. */
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VitessLab } from "../lab.js";
import { type Given, spelled } from "./case.js";

/** A target keyspace with the VSchema that a JSON text tells. */
export function vschema(keyspace: string, json: object): Given {
  return {
    name: `the VSchema of ${keyspace} is ${JSON.stringify(json)}`,
    make: (lab) => lab.vtctldclient("target", "ApplyVSchema", "--vschema", JSON.stringify(json), keyspace),
  };
}

/** The VSchema after an `alter vschema` statement. */
export function altered(keyspace: string, statement: string): Given {
  return {
    name: statement,
    make: (lab) => lab.vtctldclient("target", "ApplyVSchema", "--sql", statement, keyspace),
  };
}

/** The target's keyspace has never been given a VSchema. */
export const noVSchema: Given = {
  name: "commerce has no VSchema",
  make: (lab) => lab.with("target", (topo) => topo.global.delete("keyspaces/commerce/VSchema")),
};

export const unmounted: Given = {
  name: "ext1 is unmounted",
  make: (lab) => lab.with("target", (topo) => topo.deleteMount("ext1")),
};

export const secondMount: Given = {
  name: "the source is also mounted as ext2",
  make: (lab) => lab.mount("ext2"),
};

/** What vtctlclient has done before; it must succeed. */
export function typed(line: string): Given {
  return {
    name: `vtctlclient ${line}`,
    make: async (lab) => {
      const { code, stdout } = await lab.vtctlclient(spelled(line, lab.release));
      if (code !== 0) throw new Error(`vtctlclient ${line} ended with ${code}:\n${stdout}`);
    },
  };
}

/** What vtmigrate has done before; it must succeed. */
export function typedByUs(line: string): Given {
  return { name: `vtmigrate ${line}`, make: (lab) => lab.must(line) };
}

/** Statements on the MySQL of the target's commerce/0. */
export function sql(...statements: string[]): Given {
  return {
    name: statements.join("; "),
    make: (lab: VitessLab) => lab.sql(lab.primary("target", "commerce"), ...statements),
  };
}

/** A file that both tools can read: vtctlclient's files are vtctld's, which is on this machine. */
export interface TextFile extends Given {
  path: string;
}

export function textFile(name: string, contents: string): TextFile {
  const path = join(tmpdir(), `vtmigrate-side-by-side-${name}`);
  return { name: `${path} is there`, path, make: () => writeFile(path, contents) };
}

/** The workflow shop.wf, which copies a table into two shards. */
export const sharded: Given[] = [
  vschema("shop", {
    sharded: true,
    vindexes: { hash: { type: "hash" } },
    tables: { items: { columnVindexes: [{ column: "id", name: "hash" }] } },
  }),
  typedByUs("Migrate --cells zx --source ext1.commerce --tables items Create shop.wf"),
];
