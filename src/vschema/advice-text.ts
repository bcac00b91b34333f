import type { Lack, Numbering, VSchemaAdvice } from "./advice.js";

/** Names in one line; more are counted. */
const NAMED = 5;

const KINDS: Record<Lack["kind"], string> = {
  columnVindexes: "column vindexes",
  autoIncrement: "auto_increment",
  sequence: "type sequence",
  pinned: "pinned",
  reference: "type reference",
  columns: "column lists",
};

export interface AdviceNames {
  /** "ext1.commerce" */
  source: string;
  /** "commerce" */
  target: string;
}

/** The advice as sentences, one a line, most of them naming several tables; none when there is nothing to say. */
export function adviceLines(advice: VSchemaAdvice, names: AdviceNames): string[] {
  const lines = [
    ...lackLines(advice, names),
    ...numberingLines(advice, names),
    ...unresolvedLines(advice, names),
    ...movedSequenceLines(advice),
  ];
  if (lines.length === 0) return [];
  return [...lines, wayLine(advice, names)];
}

/** "a, b, c, d, e and 7 more" */
export function nameSome(names: readonly string[]): string {
  const rest = names.length - NAMED;
  // "and 1 more" is longer than most names.
  return rest > 1 ? `${names.slice(0, NAMED).join(", ")} and ${rest} more` : names.join(", ");
}

function lackLines({ lacks, foreignKeyMode }: VSchemaAdvice, { source, target }: AdviceNames): string[] {
  const missing = lacks.filter(({ useless }) => !useless);
  const useless = lacks.filter((lack) => lack.useless);
  const lines = [...byKind(missing)].map(([kind, some]) => `  ${KINDS[kind]}: ${nameSome(some.map(inWords))}`);
  if (foreignKeyMode !== undefined) lines.push(`  foreignKeyMode ${foreignKeyMode}, of the whole keyspace`);
  if (lines.length > 0) lines.unshift(`The VSchema of ${source} has, and that of ${target} lacks:`);
  if (useless.length > 0) {
    const tables = [...new Set(useless.map(({ table }) => table))];
    const kinds = [...byKind(useless).keys()].map((kind) => KINDS[kind]).join(", ");
    lines.push(
      `The VSchema of ${source} has ${kinds} for ${nameSome(tables)}: ${target} is unsharded and does without.`,
    );
  }
  return lines;
}

function inWords({ table, kind, detail }: Lack): string {
  if (detail === "") return table;
  return kind === "autoIncrement" ? `${table}.${detail}` : `${table} (${detail})`;
}

function numberingLines({ sharded, numbering }: VSchemaAdvice, { target }: AdviceNames): string[] {
  const lines: string[] = [];
  const say = (some: Numbering[], what: (columns: string) => string) => {
    if (some.length > 0) lines.push(what(nameSome(some.map(({ table, column }) => `${table}.${column}`))));
  };
  const those = (outcome: Numbering["outcome"]) => numbering.filter((column) => column.outcome === outcome);
  const perShard = "each shard's MySQL counts for itself, so that the same value is given twice";
  const orElse = sharded ? `or with AUTO_INCREMENT ${perShard}` : "except where MySQL has AUTO_INCREMENT";
  say(those("fails"), (columns) => `No sequence fills ${columns} in ${target}: inserts without a value fail.`);
  say(
    those("unknown"),
    (columns) => `No sequence fills ${columns} in ${target}: inserts without a value fail, ${orElse}.`,
  );
  say(those("byShard"), (columns) => `No sequence fills ${columns} in ${target}: ${perShard}.`);
  say(
    those("byMySql"),
    (columns) =>
      `No sequence fills ${columns} in ${target}: MySQL's AUTO_INCREMENT does, above the largest value copied.`,
  );
  const needed = numbering.filter(({ outcome }) => outcome !== "byMySql");
  if (needed.length > 0) lines.push(sequenceRecipe(needed));
  return lines;
}

/** docs: vitess.io, "Vitess Sequences". */
function sequenceRecipe(needed: Numbering[]): string {
  const before = "Before the application writes to the target,";
  const absent = needed.find(({ inTarget }) => !inTarget);
  if (absent === undefined) {
    const names = nameSome([...new Set(needed.map(({ sequence = "" }) => sequence))]);
    return `${before} name ${names} in the tables' "autoIncrement", with next_id above the columns' largest values.`;
  }
  const name = absent.sequence ?? `${absent.table}_seq`;
  const table = name.slice(name.lastIndexOf(".") + 1);
  return (
    `${before} give these columns sequences: in an unsharded keyspace ` +
    `create table ${table}(id bigint, next_id bigint, cache bigint, primary key(id)) comment 'vitess_sequence', ` +
    `with a row (0, <above the column's largest value>, 1000), "type": "sequence" in its VSchema, and "autoIncrement" in the table's.`
  );
}

function unresolvedLines({ unresolved }: VSchemaAdvice, { target }: AdviceNames): string[] {
  if (unresolved.length === 0) return [];
  const columns = nameSome(unresolved.map(({ table, column, sequence }) => `${table}.${column} from ${sequence}`));
  const tables = nameSome(unresolved.map(({ table }) => table));
  return [
    `The VSchema of ${target} takes ${columns}, which no VSchema of the target cluster has: its vtgates won't know ${tables} until it is there.`,
  ];
}

function movedSequenceLines({ movedSequences, sharded }: VSchemaAdvice): string[] {
  if (movedSequences.length === 0) return [];
  const several = movedSequences.length > 1;
  const home = sharded ? `; a sharded keyspace takes ${several ? "them" : "it"} only pinned to a shard` : "";
  return [
    `${nameSome(movedSequences)}: ${several ? "sequences are" : "a sequence is"} copied as plain rows${home}. Take no values from ${several ? "them" : "it"} in the target before Complete, nor in the source after it, or values are given twice; next_id must be above the largest value.`,
  ];
}

function wayLine({ lacks, numbering, unresolved }: VSchemaAdvice, { source, target }: AdviceNames): string {
  const change = `vtmigrate ApplyVSchema -vschema_file <file> ${target} replaces the target's`;
  const shown = lacks.length > 0 || numbering.length > 0 || unresolved.length === 0 ? source : target;
  return `vtmigrate GetVSchema ${shown} shows the VSchema, and ${change}.`;
}

function byKind(lacks: Lack[]): Map<Lack["kind"], Lack[]> {
  const groups = new Map<Lack["kind"], Lack[]>();
  for (const kind of Object.keys(KINDS) as Lack["kind"][]) {
    const some = lacks.filter((lack) => lack.kind === kind);
    if (some.length > 0) groups.set(kind, some);
  }
  return groups;
}
