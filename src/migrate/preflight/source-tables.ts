import { readTable } from "../../schema/table.js";
import { keylessNote } from "../create/schema/schema.js";
import type { Check } from "./check.js";
import { count } from "./texts.js";

export const sourceTables: Check = {
  name: "source_tables",
  needs: ["cells"],
  decidedByCreate: true,
  async run(facts) {
    const { tables, notes } = await facts.get("tables");
    return { message: `${count(tables.length, "table")} to copy`, notes };
  },
};

export const sourceKeys: Check = {
  name: "source_keys",
  needs: ["source_tables"],
  async run(facts) {
    const { definitions } = await facts.get("tables");
    const message = keylessNote(definitions.map(({ name, schema }) => ({ name, parts: readTable(schema) })));
    if (message === undefined) return { message: "each table has a primary key, or a unique one that serves as such" };
    return {
      result: "warning",
      message,
      remedy: "Give them a primary key before the migration, or leave them out with -exclude.",
    };
  },
};
