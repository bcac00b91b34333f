import { forEachAtOnce } from "../concurrency.js";
import { InterruptedError, VtmigrateError } from "../errors.js";
import { parseColumns } from "../schema/columns.js";
import type { Topo } from "../topo/port.js";
import { adviseVSchema } from "../vschema/advice.js";
import { adviceLines } from "../vschema/advice-text.js";
import { type TableSpec, withSpec } from "../vschema/table-spec.js";
import { ownEntry } from "../vschema/vindex-choice.js";
import type { Keyspace__Output } from "../wire/generated/vschema/Keyspace.js";
import { decode } from "../wire/proto.js";
import { readVSchemaOrEmpty } from "./vschema.js";

export interface AdviceRequest {
  /** The target's topology. */
  topo: Topo;
  keyspace: string;
  /** The mounted topology; undefined when it could not be opened. */
  source: Topo | undefined;
  sourceName: { mount: string; keyspace: string };
  tables: readonly string[];
  /** The tables as SHOW CREATE TABLE has them: they tell which columns MySQL numbers. */
  definitions?: readonly { name: string; schema: string }[];
  /** Entries that the target's VSchema gets with the migration. */
  spec?: TableSpec | undefined;
}

/**
 * Lines on what the source's VSchema says of the tables and the target's doesn't, and on what follows for sequences and
 * AUTO_INCREMENT columns; none when there is nothing to say. Absent VSchemas count as empty. A source that can't be
 * asked is a line too; what the target's topology throws is thrown.
 */
export async function readAdvice(request: AdviceRequest): Promise<string[]> {
  const { topo, keyspace, source, sourceName, tables, definitions = [], spec } = request;
  const name = `${sourceName.mount}.${sourceName.keyspace}`;
  const stored = await readVSchemaOrEmpty(topo, keyspace);
  const target = spec === undefined ? stored : withSpec(stored, spec);
  const seen = await readSource(source, sourceName.keyspace, tables);
  const unseen = `The VSchema of ${name} could not be read, so nothing says what it has and that of ${keyspace} lacks (vindexes, sequences, ...)`;
  const vschema = "vschema" in seen ? seen.vschema : emptyVSchema();
  const resolve = namesSequences([vschema, target], tables) ? await sequenceFinder(request, target) : undefined;
  const advice = adviseVSchema({
    tables,
    source: vschema,
    target,
    autoIncrementColumns: new Map(definitions.map((table) => [table.name, autoIncrementColumn(table.schema)])),
    ...(resolve === undefined ? {} : { findsSequence: resolve }),
    sourceSequence: "sequenceName" in seen ? seen.sequenceName : (sequence) => sequence,
  });
  const lines = adviceLines(advice, { source: name, target: keyspace });
  return "problem" in seen ? [`${unseen}: ${seen.problem}`, ...lines] : lines;
}

/** The AUTO_INCREMENT column of a SHOW CREATE TABLE text; MySQL allows one. */
export function autoIncrementColumn(createTable: string): string | undefined {
  return parseColumns(createTable).find((column) => column.autoIncrement)?.name;
}

type SeenSource = { vschema: Keyspace__Output; sequenceName: (name: string) => string } | { problem: string };

async function readSource(source: Topo | undefined, keyspace: string, tables: readonly string[]): Promise<SeenSource> {
  if (source === undefined) return { problem: "the source cluster's topology is not at hand" };
  try {
    const vschema = await readVSchemaOrEmpty(source, keyspace);
    if (!namesSequences([vschema], tables)) return { vschema, sequenceName: (name) => name };
    const all = await readAll(source);
    const sequenceName = (name: string) => {
      const holders = [...all].filter(([, each]) => ownEntry(each.tables, name)?.type === "sequence");
      // A name with its keyspace is nobody's table.
      return holders.length === 1 && holders[0]?.[0] !== keyspace ? `${holders[0]?.[0]}.${name}` : name;
    };
    return { vschema, sequenceName };
  } catch (error) {
    if (!(error instanceof VtmigrateError) || error instanceof InterruptedError) throw error;
    return { problem: error.message };
  }
}

function namesSequences(vschemas: Keyspace__Output[], tables: readonly string[]): boolean {
  return vschemas.some((vschema) => tables.some((table) => ownEntry(vschema.tables, table)?.auto_increment));
}

/**
 * Whether vtgates of the target would find a sequence (go/vt/vtgate/vindexes/vschema.go, resolveAutoIncrement and
 * findTable, v22.0.3; routing rules aside): by keyspace and name, or by a name that no two keyspaces have. Unsharded
 * keyspaces have any table that is asked for, unless there are others and the keyspace isn't named.
 */
async function sequenceFinder(
  { topo, keyspace, tables }: AdviceRequest,
  target: Keyspace__Output,
): Promise<(name: string) => boolean> {
  const all = (await readAll(topo)).set(keyspace, target);
  const has = (name: string, vschema: Keyspace__Output, table: string) =>
    ownEntry(vschema.tables, table) !== undefined || (name === keyspace && !vschema.sharded && tables.includes(table));
  return (sequence) => {
    const [table = "", qualifier] = sequence
      .split(".")
      .map((part) => part.replace(/^`(.*)`$/, "$1"))
      .reverse();
    if (qualifier !== undefined) {
      const vschema = all.get(qualifier);
      return vschema !== undefined && (!vschema.sharded || has(qualifier, vschema, table));
    }
    const open = [...all].filter(([, vschema]) => !vschema.require_explicit_routing);
    const holders = open.filter(([name, vschema]) => has(name, vschema, table));
    return holders.length === 1 || (holders.length === 0 && all.size === 1 && !target.sharded);
  };
}

async function readAll(topo: Topo): Promise<Map<string, Keyspace__Output>> {
  const keyspaces = await topo.keyspaces();
  const vschemas = await forEachAtOnce(
    keyspaces,
    async (name) => [name, await readVSchemaOrEmpty(topo, name)] as const,
  );
  return new Map(vschemas);
}

function emptyVSchema(): Keyspace__Output {
  return decode("vschema.Keyspace", Buffer.alloc(0));
}
