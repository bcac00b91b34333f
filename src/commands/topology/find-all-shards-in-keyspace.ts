import { defineCommand } from "../../cli/command.js";
import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { goJson, spaceIndented } from "../../io/json.js";
import { requireKeyspace } from "../../migrate/source.js";
import { storedShards } from "../../topo/inventory.js";
import { openKeyspace } from "../mounted.js";
import { shardDocument } from "./shard-document.js";

/** FindAllShardsInKeyspace (Vitess v22.0.3, go/vt/vtctl/vtctl.go): the shards' records by name, sorted. */
export const findAllShardsInKeyspace = defineCommand({
  name: "FindAllShardsInKeyspace",
  summary: "Display all shards of a keyspace, here or in a mounted cluster.",
  usage: "<keyspace> | <mount>.<keyspace>",
  examples: ["FindAllShardsInKeyspace commerce", "FindAllShardsInKeyspace ext1.commerce"],
  args: { min: 1, max: 1, complaint: "the <keyspace> argument is required for the FindAllShardsInKeyspace command" },
  options: {},
  async run({ args }, ctx: Context): Promise<Map<string, object>> {
    const { topo, keyspace } = await openKeyspace(ctx, args[0] ?? "");
    await requireKeyspace(topo, keyspace);
    const shards = await storedShards(topo, keyspace);
    return new Map([...shards].map(([name, shard]) => [name, shardDocument(shard)]));
  },
  view(shards: Map<string, object>, io: Io): void {
    io.print(goJson(shards, spaceIndented));
  },
});
