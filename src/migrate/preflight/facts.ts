import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { type Capabilities, readCapabilities } from "../../tablet/capabilities.js";
import { parseTabletTypes } from "../../tablet/types.js";
import type { ShardRecord, Topo } from "../../topo/port.js";
import type { KeyspaceVSchema } from "../../vschema/vindex-choice.js";
import { readTargets, type Target } from "../../workflow/targets.js";
import { chooseSourceCells } from "../create/cells.js";
import { decideStreams } from "../create/decide-streams.js";
import { readSourceTables, type SourceTables } from "../create/look-at-source.js";
import { chooseTargets, planTargetVSchema } from "../create/look-at-target.js";
import type { CreateRequest } from "../create/request.js";
import type { PlannedStream } from "../create/streams.js";
import { parseSource, readSourceShards } from "../source.js";
import { type BinlogSettings, readBinlogSettings } from "./binlog-settings.js";
import { askSourceTablets, type SourceAnswer } from "./source-answers.js";

/** What checks build on. */
export interface Known {
  topo: Topo;
  source: Topo;
  /** The whole target keyspace. */
  allTargets: Target[];
  /** The shards that are filled. */
  targets: Target[];
  vschema: KeyspaceVSchema;
  /** The source shards that are read. */
  shards: ShardRecord[];
  cells: string[];
  tables: SourceTables;
  streams: PlannedStream[];
  capabilities: ReadonlyMap<Target, Capabilities>;
  sourceAnswers: SourceAnswer[];
  binlogSettings: BinlogSettings[];
}

type Readers = { [Key in keyof Known]: (facts: Facts) => Promise<Known[Key]> };

/** How each is found out, by what Create itself uses. */
const readers: Readers = {
  topo: (facts) => facts.ctx.topo(),
  source: async (facts) => (await facts.get("topo")).openMount(facts.source.mount),
  allTargets: async (facts) => readTargets(await facts.get("topo"), facts.ctx.tablets(), facts.request.name.keyspace),
  targets: async (facts) => chooseTargets(await facts.get("allTargets"), facts.request.name, facts.request.shards),
  vschema: async (facts) =>
    (await planTargetVSchema(await facts.get("topo"), facts.request, await facts.get("allTargets"))).vschema,
  shards: async (facts) => readSourceShards(await facts.get("source"), facts.source.keyspace, facts.request.shards),
  cells: async (facts) => chooseSourceCells(await facts.get("source"), facts.request.cells),
  tables: async (facts) => {
    const [source, shards, cells] = await facts.all("source", "shards", "cells");
    return readSourceTables(facts.ctx, source, facts.request, shards, cells, facts.signal);
  },
  streams: async (facts) => {
    const [targets, vschema] = await facts.all("targets", "vschema");
    const [source, shards, cells] = await facts.all("source", "shards", "cells");
    const { definitions } = await facts.get("tables");
    const tabletTypes = parseTabletTypes(facts.request.tabletTypes);
    return decideStreams(facts.request, { targets, vschema }, { source, shards, cells, tabletTypes, definitions });
  },
  capabilities: async (facts) => {
    const options = { signal: facts.signal };
    const asked = await forEachAtOnce(
      await facts.get("targets"),
      async (target) => [target, await readCapabilities(target.primary, options)] as const,
    );
    return new Map(asked);
  },
  sourceAnswers: (facts) => askSourceTablets(facts),
  binlogSettings: (facts) => readBinlogSettings(facts),
};

/** What is known of both clusters: asked once, by whoever needs it first; what Create has seen isn't asked at all. */
export class Facts {
  readonly source: { mount: string; keyspace: string };
  readonly #asked = new Map<keyof Known, Promise<unknown>>();

  constructor(
    readonly ctx: Context,
    readonly request: CreateRequest,
    readonly signal: AbortSignal,
    seen: Partial<Known> = {},
  ) {
    this.source = parseSource(request.source);
    for (const [key, value] of Object.entries(seen)) this.#asked.set(key as keyof Known, Promise.resolve(value));
  }

  /** Errors are those of the reader, for everybody who asks. */
  get<Key extends keyof Known>(key: Key): Promise<Known[Key]> {
    const asked = this.#asked.get(key) ?? readers[key](this);
    this.#asked.set(key, asked);
    // Whoever asked may have ended before the answer came.
    asked.catch(() => undefined);
    return asked as Promise<Known[Key]>;
  }

  all<Keys extends (keyof Known)[]>(...keys: Keys): Promise<{ [Index in keyof Keys]: Known[Keys[Index]] }> {
    return Promise.all(keys.map((key) => this.get(key))) as Promise<{ [Index in keyof Keys]: Known[Keys[Index]] }>;
  }
}
