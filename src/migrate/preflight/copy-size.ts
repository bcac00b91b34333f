import { forEachAtOnce } from "../../concurrency.js";
import { VtmigrateError } from "../../errors.js";
import type { TableDefinition } from "../create/schema/existing-tables.js";
import type { Check } from "./check.js";
import type { Facts } from "./facts.js";
import { bytesText, count } from "./texts.js";

interface TableSize {
  rows: number;
  bytes: number;
}

/** Rows and bytes as the source's InnoDB estimates them; what can't be learned is left out and said. */
export const copySize: Check = {
  name: "copy_size",
  needs: ["source_tables"],
  async run(facts) {
    const { definitions } = await facts.get("tables");
    const { others, missing } = await otherShards(facts);
    const sizes = addUp([...definitions, ...others]);
    const total = [...sizes.values()].reduce((sum, { rows, bytes }) => ({
      rows: sum.rows + rows,
      bytes: sum.bytes + bytes,
    }));
    const largest = [...sizes].sort(([, a], [, b]) => b.bytes - a.bytes);
    const notes = largest.map(([name, size]) => `${name}: about ${sizeText(size)}`);
    return {
      message: `about ${sizeText(total)} in ${count(sizes.size, "table")}`,
      notes: [...notes, ...missing.map((shard) => `The estimate leaves out ${shard}, where no tablet answers.`)],
    };
  },
};

function sizeText({ rows, bytes }: TableSize): string {
  return `${count(rows, "row")}, ${bytesText(bytes)}`;
}

/** Each shard but the first, which has told its tables already, by the first of its tablets that answers. */
async function otherShards(facts: Facts): Promise<{ others: TableDefinition[]; missing: string[] }> {
  const { signal } = facts;
  const [{ tables }, shards, answers] = await facts.all("tables", "shards", "sourceAnswers");
  const missing: string[] = [];
  const definitions = await forEachAtOnce(shards.slice(1), async ({ keyspace, name }) => {
    const shard = `${keyspace}/${name}`;
    const tablet = answers.find((answer) => answer.shard === shard && answer.error === undefined)?.tablet;
    try {
      if (tablet !== undefined)
        return (await tablet.getSchema(tables, { signal, timeoutMs: 10_000 })).table_definitions;
    } catch (error) {
      if (signal.aborted || !(error instanceof VtmigrateError)) throw error;
      facts.ctx.log.info({ err: error, shard }, "no sizes");
    }
    missing.push(shard);
    return [];
  });
  return { others: definitions.flat(), missing };
}

function addUp(definitions: TableDefinition[]): Map<string, TableSize> {
  const sizes = new Map<string, TableSize>();
  for (const { name, row_count, data_length } of definitions) {
    const before = sizes.get(name) ?? { rows: 0, bytes: 0 };
    sizes.set(name, { rows: before.rows + Number(row_count), bytes: before.bytes + Number(data_length) });
  }
  return sizes;
}
