import { formatWorkflowName } from "../name.js";
import { type Stream, sourceName } from "../streams.js";
import type { Finding } from "./finding.js";
import { giveUp, givingUp } from "./give-up.js";
import { nameStreams } from "./names.js";
import { migrates, type Scene } from "./scene.js";

/** Two streams of a workflow between the same two shards: they apply every change twice. */
export function duplicates(scene: Scene): Finding[] {
  return migrates(scene).flatMap(({ workflow, streams }) => {
    const name = formatWorkflowName({ keyspace: scene.keyspace, workflow });
    return pairs(streams).map((alike): Finding => {
      const [from] = alike.map(sourceName);
      return {
        kind: "duplicate_streams",
        workflow: name,
        what: `${nameStreams(alike)} of ${name} copy the same tables from ${from}`,
        sure: "known",
        because: "two Creates at once, or an INSERT that was repeated: what the tables hold can't be trusted",
        advice: `Begin anew; ${givingUp(scene, workflow)}:`,
        cleanUp: [giveUp(scene, workflow)],
      };
    });
  });
}

function pairs(streams: readonly Stream[]): Stream[][] {
  const byPair = new Map<string, Stream[]>();
  for (const stream of streams) {
    const pair = `${stream.target.shard.name} ${sourceName(stream)}`;
    byPair.set(pair, [...(byPair.get(pair) ?? []), stream]);
  }
  return [...byPair.values()].filter(shareTables);
}

function shareTables(streams: readonly Stream[]): boolean {
  const tables = streams.flatMap(({ source }) => [...new Set(source.filter.rules.map(({ match }) => match))]);
  return new Set(tables).size < tables.length;
}
