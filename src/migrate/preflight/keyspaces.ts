import { forEachAtOnce } from "../../concurrency.js";
import { formatWorkflowName } from "../../workflow/name.js";
import { requireNewWorkflow } from "../create/new-workflow.js";
import { requireKeyspace } from "../source.js";
import { askTablet } from "./ask-tablet.js";
import type { Check } from "./check.js";
import { shardsText } from "./texts.js";

export const targetKeyspace: Check = {
  name: "target_keyspace",
  needs: ["target_topology"],
  decidedByCreate: true,
  async run(facts) {
    const { keyspace } = facts.request.name;
    await requireKeyspace(await facts.get("topo"), keyspace);
    const targets = await facts.get("targets");
    return {
      message: shardsText(
        keyspace,
        targets.map(({ shard }) => shard),
      ),
    };
  },
};

export const sourceKeyspace: Check = {
  name: "source_keyspace",
  needs: ["source_topology"],
  decidedByCreate: true,
  async run(facts) {
    const { mount, keyspace } = facts.source;
    await requireKeyspace(await facts.get("source"), keyspace);
    return { message: shardsText(`${mount}.${keyspace}`, await facts.get("shards")) };
  },
};

/** They hold the streams: without an answer from each nothing can be made. */
export const targetPrimaries: Check = {
  name: "target_primaries",
  needs: ["target_keyspace"],
  decidedByCreate: true,
  async run(facts) {
    const targets = await facts.get("targets");
    const answers = await forEachAtOnce(targets, ({ primary }) =>
      askTablet(primary, facts.ctx.tablets(), facts.signal),
    );
    const tried = answers.map((answer) => answer.tried);
    const [error] = answers.flatMap((answer) => answer.error ?? []);
    if (error !== undefined) return { error, tried };
    return { message: `${targets.map(({ primary }) => primary.record.alias).join(", ")}: each answers`, tried };
  },
};

export const newWorkflow: Check = {
  name: "new_workflow",
  needs: ["target_primaries"],
  decidedByCreate: true,
  async run(facts) {
    const { name } = facts.request;
    await requireNewWorkflow(name, await facts.get("allTargets"), { signal: facts.signal });
    return { message: `no stream of ${formatWorkflowName(name)} exists` };
  },
};
