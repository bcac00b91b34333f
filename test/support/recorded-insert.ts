import { readFileSync } from "node:fs";
import { join } from "node:path";

const file = join(import.meta.dirname, "../fixtures/recordings/rpc-sequence-v22.0.3.txt");

/** The query of the first recorded VReplicationExec that matches, without the prototext around it. */
export function recordedText(pattern: RegExp): string {
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const query = /VReplicationExec\(query:"(.*)"\)$/.exec(line)?.[1]?.replace(/\\(.)/g, "$1");
    if (query !== undefined && pattern.test(query)) return query;
  }
  throw new Error(`no VReplicationExec was recorded that matches ${pattern}`);
}
