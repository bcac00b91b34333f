import { readTable } from "../../schema/table.js";
import { requireUnfilled } from "../create/new-workflow.js";
import { inspectTargetSchema, keylessNote } from "../create/schema/schema.js";
import type { Check } from "./check.js";
import { count } from "./texts.js";

export const targetTables: Check = {
  name: "target_tables",
  needs: ["target_primaries", "source_tables"],
  decidedByCreate: true,
  async run(facts) {
    const { request, signal } = facts;
    const [targets, { tables, definitions }] = await facts.all("targets", "tables");
    await requireUnfilled(request.name, targets, tables, { signal });
    const schema = { tables, source: definitions, dropForeignKeys: request.dropForeignKeys };
    const { shards, notes } = await inspectTargetSchema(targets, schema, { signal });
    // The check of the source's keys says it too.
    const keyless = keylessNote(definitions.map(({ name, schema: sql }) => ({ name, parts: readTable(sql) })));
    const made = shards.reduce((sum, { missing }) => sum + missing.length, 0);
    const there = shards.reduce((sum, { existing }) => sum + existing.length, 0);
    return {
      message: `${count(made, "table")} to create, ${count(there, "table")} there, empty and alike`,
      notes: notes.filter((note) => note !== keyless),
    };
  },
};
